using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>
/// Compacts a database, then its view indexes, then removes index files that no design document needs; each is watched until it ends, and the
/// space is measured before and after. Killed and run again, it compacts again, which changes nothing more.
/// </summary>
internal sealed class Compaction(CouchClient client, StorageQuestions questions, RepairContext context, Func<CancellationToken, Task<IntegrityIssue?>> findConflict)
{
    private static readonly RawJson Nothing = RawJson.FromText("{}");

    /// <summary>Runs it.</summary>
    public async Task<RepairResult> RunAsync(RepairOperation operation, CancellationToken cancellationToken)
    {
        // Compaction removes the bodies of old revisions, and with them what a three-way merge of an open conflict needs.
        if (await findConflict(cancellationToken) is { } conflict)
        {
            return RepairResult.Of(
                context.ExecutionId, operation, OperationOutcome.NeedsReview,
                $"Nothing was compacted: '{conflict.Subject}' is in conflict, and merging it needs the body of a common ancestor, which a compaction removes. Resolve the conflicts, then scan and plan again.");
        }

        var designs = await questions.GetDesignDocumentsAsync(cancellationToken);
        var before = await MeasureAsync(designs, cancellationToken);
        var joined = (await questions.GetInfoAsync(cancellationToken)).CompactRunning;
        if (!joined && await StartAsync("/_compact", cancellationToken) is { } refusal)
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Failed, refusal);
        }

        await Watch.WhileAsync(async token =>
        {
            var info = await questions.GetInfoAsync(token);
            await ReportAsync(info, token);
            return info.CompactRunning;
        }, cancellationToken);

        var failed = new List<string>();
        foreach (var design in designs)
        {
            if (await StartAsync(design.CompactPath, cancellationToken) is { } reason && await questions.GetIndexAsync(design, cancellationToken) is not null)
            {
                failed.Add($"{design.Id}: {reason}");
            }
            else
            {
                await Watch.WhileAsync(async token => await questions.GetIndexAsync(design, token) is { CompactRunning: true }, cancellationToken);
            }
        }

        if (await StartAsync("/_view_cleanup", cancellationToken) is { } left)
        {
            failed.Add($"_view_cleanup: {left}");
        }

        return Result(operation, before, await MeasureAsync(designs, cancellationToken), joined, failed);
    }

    private RepairResult Result(RepairOperation operation, (long Database, long Indexes) before, (long Database, long Indexes) after, bool joined, List<string> failed)
    {
        var freed = before.Database + before.Indexes - after.Database - after.Indexes;
        var message = $"{(joined ? "A compaction that somebody else had started was waited for. " : "")}{SizeCheck.Bytes(before.Database + before.Indexes)} on disk became "
            + $"{SizeCheck.Bytes(after.Database + after.Indexes)}: {SizeCheck.Bytes(Math.Max(0, freed))} given back.";
        return RepairResult.Of(
            context.ExecutionId,
            operation,
            failed.Count == 0 ? OperationOutcome.Applied : OperationOutcome.Failed,
            failed.Count == 0 ? message : $"{message} Not done: {string.Join("; ", failed)}",
            operation.Precondition) with
        {
            Changes =
            [
                new FieldChange("sizes.file", Text(before.Database), Text(after.Database), "measured"),
                new FieldChange("view_index.sizes.file", Text(before.Indexes), Text(after.Indexes), "measured"),
            ],
        };
    }

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private async Task<(long Database, long Indexes)> MeasureAsync(IReadOnlyList<DesignDocument> designs, CancellationToken cancellationToken)
    {
        var indexes = 0L;
        foreach (var design in designs)
        {
            indexes += (await questions.GetIndexAsync(design, cancellationToken))?.FileSize ?? 0;
        }

        return ((await questions.GetInfoAsync(cancellationToken)).FileSize ?? 0, indexes);
    }

    /// <summary>Starts a part; null, or why the server does not. Asking for a compaction that runs already is no error on any side.</summary>
    private async Task<string?> StartAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await client.AskAsync(HttpMethod.Post, path, Nothing, ofServer: false, cancellationToken);
        return answer.Succeeded ? null
            : answer.Status is System.Net.HttpStatusCode.Unauthorized or System.Net.HttpStatusCode.Forbidden
                ? "The server lets only its admins compact. Use a name that is an admin of the server or of the database, and resume the execution."
                : $"The server refuses: {answer.Failure}. Look at its log, then resume the execution.";
    }

    private async Task ReportAsync(DatabaseInfo info, CancellationToken cancellationToken)
    {
        if (context.Progress is not { } progress)
        {
            return;
        }

        // Only admins are told; for others the compaction is watched without figures.
        var tasks = await client.AskAsync(HttpMethod.Get, "/_active_tasks", null, ofServer: true, cancellationToken);
        if (tasks.Root.ValueKind == JsonValueKind.Array)
        {
            var shards = tasks.Root.EnumerateArray().Where(task => IsOurs(task, info)).ToList();
            progress.Report(new WorkProgress("Compacting", shards.Sum(task => Number(task, "changes_done")), shards.Sum(task => Number(task, "total_changes")), "changes", 0));
        }
    }

    private static bool IsOurs(JsonElement task, DatabaseInfo info) =>
        task.TryGetProperty("type", out var type) && type.ValueEquals("database_compaction")
        && task.TryGetProperty("database", out var database) && database.GetString()!.Contains($"/{info.Name}.", StringComparison.Ordinal);

    private static long Number(JsonElement task, string name) => task.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : 0;
}
