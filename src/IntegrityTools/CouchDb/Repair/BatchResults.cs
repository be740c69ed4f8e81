using System.Diagnostics;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Collects the results of a batch, one an operation, whatever becomes of each.</summary>
internal sealed class BatchResults(string executionId, IReadOnlyList<RepairOperation> operations)
{
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly RepairResult?[] results = new RepairResult?[operations.Count];

    /// <summary>True when the operation has its result.</summary>
    public bool Has(int index) => results[index] is not null;

    /// <summary>Gives the operation its result.</summary>
    public void Set(int index, OperationOutcome outcome, string? message, LeafSet? after = null)
    {
        results[index] = RepairResult.Of(executionId, operations[index], outcome, message, after is null ? null : LeafSets.Precondition(after));
    }

    /// <summary>All results, each with its share of the time.</summary>
    public IReadOnlyList<RepairResult> ToList()
    {
        var share = watch.Elapsed.TotalMilliseconds / Math.Max(1, operations.Count);
        return [.. results.Select((result, index) =>
            (result ?? throw new InvalidOperationException($"Operation {operations[index].Number} has no result.")) with { DurationMs = share })];
    }
}
