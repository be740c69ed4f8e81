using IntegrityTools.Configuration;

namespace IntegrityTools.Stores;

/// <summary>A store that was named or addressed, before it is opened.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Settings">Its entry in the configuration, or null.</param>
public sealed record StoreReference(StoreAddress Address, StoreSettings? Settings)
{
    /// <summary>What it is called and where it is.</summary>
    public StoreDescriptor Descriptor => new(Address.Kind, Settings?.Name, Address.Canonical);
}
