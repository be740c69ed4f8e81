using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>How one kind of store is kept in good order while applications use it.</summary>
public interface IMaintenanceProvider
{
    /// <summary>The kind, such as <c>sqlite</c>.</summary>
    string Kind { get; }

    /// <summary>Does what can be done now without holding up others, and tells of the rest why not.</summary>
    /// <param name="target">The store.</param>
    /// <param name="dryRun">True to write nothing.</param>
    /// <param name="force">True to checkpoint what another process has open although the loaded library has a bug that can damage it by that.</param>
    /// <param name="cancellationToken">Cancels between the steps.</param>
    Task<IReadOnlyList<MaintenanceStep>> RunAsync(BackupTarget target, bool dryRun, bool force, CancellationToken cancellationToken);
}
