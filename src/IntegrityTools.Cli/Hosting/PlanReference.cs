using IntegrityTools.Model;

namespace IntegrityTools.Cli.Hosting;

/// <summary>A plan named by its id or by its file.</summary>
internal static class PlanReference
{
    /// <summary>Reads the plan from the ledger, or from the file, which is imported by that unless this is a dry run.</summary>
    public static Task<RepairPlan> OpenAsync(Session session, string idOrFile, bool acceptChanges, bool dryRun, CancellationToken cancellationToken) =>
        File.Exists(idOrFile) || idOrFile.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? session.Engine.ImportPlanAsync(idOrFile, acceptChanges, !dryRun, cancellationToken)
            : session.Engine.GetPlanAsync(idOrFile, cancellationToken);
}
