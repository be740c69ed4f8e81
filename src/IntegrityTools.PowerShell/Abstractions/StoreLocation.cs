using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>Makes the relative part of an address full, from PowerShell's location.</summary>
internal static class StoreLocation
{
    /// <summary>The full address; a configured name, and what is no address, stay as they are for the engine to judge.</summary>
    public static string Full(string store, StoreCatalog catalog, string folder)
    {
        if (catalog.List().Any(known => store.Equals(known.Name, StringComparison.OrdinalIgnoreCase)))
        {
            return store;
        }

        try
        {
            return StoreAddress.Parse(store, folder).WithUser();
        }
        catch (IntegrityException)
        {
            // The engine says better what is wrong, knowing the configured names.
            return store;
        }
    }
}
