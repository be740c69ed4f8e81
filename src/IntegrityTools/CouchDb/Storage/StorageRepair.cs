using System.Diagnostics;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>Runs the operations that are about a database as a whole, one by one: each may take hours.</summary>
/// <param name="client">The database's client.</param>
/// <param name="context">The repair.</param>
/// <param name="findConflict">Finds an open conflict whose common ancestor can still be read; null when there is none.</param>
internal sealed class StorageRepair(CouchClient client, RepairContext context, Func<CancellationToken, Task<IntegrityIssue?>> findConflict)
{
    private readonly StorageQuestions questions = new(client);

    /// <summary>What a run would do now.</summary>
    public static async Task<RepairResult> PreviewAsync(CouchClient client, RepairOperation operation, CancellationToken cancellationToken)
    {
        var holds = await HoldsAsync(client, operation, cancellationToken);
        return RepairResult.Of(
            "dry-run", operation, holds ? OperationOutcome.WouldApply : OperationOutcome.Stale, holds ? operation.Reason : StaleMessage(operation));
    }

    /// <summary>Runs one.</summary>
    public async Task<RepairResult> ApplyAsync(RepairOperation operation, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var result = operation.Action switch
        {
            RebuildIndexAction rebuild => await new IndexRebuild(client, questions, context).RunAsync(operation, rebuild, cancellationToken),
            _ when !await HoldsAsync(client, operation, cancellationToken) => RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, StaleMessage(operation)),
            _ => await new Compaction(client, questions, context, findConflict).RunAsync(operation, cancellationToken),
        };
        return result with { DurationMs = watch.Elapsed.TotalMilliseconds };
    }

    /// <summary>What is told of an operation whose precondition holds no longer.</summary>
    public static string StaleMessage(RepairOperation operation) => operation.Action is CompactDatabaseAction
        ? "The database was deleted and made again since the plan: it is left alone. Scan again and make a new plan."
        : "The design document was changed since the plan was made: its index is left alone. Scan again and make a new plan.";

    private static async Task<bool> HoldsAsync(CouchClient client, RepairOperation operation, CancellationToken cancellationToken)
    {
        var planned = (SettingPrecondition)operation.Precondition;
        return planned.Name == StorageProposals.Incarnation
            ? planned.Value == ((await client.GetInfoAsync(cancellationToken)).Incarnation ?? "")
            : await new StorageQuestions(client).GetDesignDocumentAsync(planned.Name, cancellationToken) is { } design && design.Revision == planned.Value;
    }
}
