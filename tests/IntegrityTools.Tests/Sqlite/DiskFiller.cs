using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Real maintenance, beside which something else fills a disk.</summary>
internal sealed class DiskFiller(IMaintenanceProvider real, Action fill) : IMaintenanceProvider
{
    public string Kind => real.Kind;

    public async Task<IReadOnlyList<MaintenanceStep>> RunAsync(BackupTarget target, bool dryRun, bool force, CancellationToken cancellationToken)
    {
        var steps = await real.RunAsync(target, dryRun, force, cancellationToken);
        fill();
        return steps;
    }
}
