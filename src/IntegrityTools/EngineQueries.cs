using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools;

/// <summary>Questions that hosts ask of what is recorded.</summary>
public static class EngineQueries
{
    /// <summary>The issues of an earlier scan that fit the types, severity, document types and subjects of <paramref name="filter"/>, less those that are ignored by now.</summary>
    /// <exception cref="IntegrityException">There is no such scan, or a type is unknown.</exception>
    public static async IAsyncEnumerable<IntegrityIssue> ReadIssuesAsync(
        this IntegrityEngine engine, string scanId, ScanOptions filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(engine);
        IReadOnlySet<string>? ignored = null;
        await foreach (var issue in engine.ReadIssuesAsync(scanId, cancellationToken).MatchingAsync(filter, cancellationToken).ConfigureAwait(false))
        {
            ignored ??= await (await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false))
                .ReadIgnoredAsync(issue.Store, DateTimeOffset.UtcNow, cancellationToken).ConfigureAwait(false);
            if (!ignored.Contains(issue.Id))
            {
                yield return issue;
            }
        }
    }

    /// <summary>The issues that fit the types, severity, document types and subjects of <paramref name="filter"/>.</summary>
    /// <exception cref="IntegrityException">A type is unknown.</exception>
    public static async IAsyncEnumerable<T> MatchingAsync<T>(
        this IAsyncEnumerable<T> issues, ScanOptions filter, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : IntegrityIssue
    {
        ArgumentNullException.ThrowIfNull(issues);
        ArgumentNullException.ThrowIfNull(filter);

        // Without a type everything that the scan found is meant, what is listed on request only included.
        var types = filter.Types.Count == 0 ? null : IssueTypes.Expand(filter.Types);
        await foreach (var issue in issues.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if ((types is null || issue.IsOf(types))
                && issue.Severity >= filter.MinimumSeverity
                && (filter.DocumentTypes.Count == 0 || filter.DocumentTypes.Any(pattern => Fits(pattern, issue.DocumentType)))
                && (filter.Subjects.Count == 0 || filter.Subjects.Contains(issue.Subject, StringComparer.Ordinal)))
            {
                yield return issue;
            }
        }
    }

    /// <summary>What scans and repairs came to: of a store, or of all of them.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="store">A configured name or an address; null: the default store, or all where there is none.</param>
    /// <param name="since">From when on; null: all that the ledger has.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="allStores">True: all stores, also where there is a default.</param>
    /// <exception cref="IntegrityException">The store is unknown.</exception>
    public static async Task<ReportSummary> SummarizeAsync(
        this IntegrityEngine engine, string? store, DateTimeOffset? since, CancellationToken cancellationToken, bool allStores = false)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        return await ledger.SummarizeAsync(engine.Stores.ResolveForList(store, allStores), since, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The recorded scans, newest first.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="store">A configured name or an address; null: the default store, or all where there is none.</param>
    /// <param name="allStores">True: of all stores, also where there is a default.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">The store is unknown.</exception>
    public static async Task<IReadOnlyList<ScanReport>> ListScansAsync(this IntegrityEngine engine, string? store, bool allStores, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var address = engine.Stores.ResolveForList(store, allStores);
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        return [.. (await ledger.ListScansAsync(cancellationToken).ConfigureAwait(false)).Where(scan => address is null || scan.Store == address)];
    }

    /// <summary>The recorded executions, newest first. What takes back the repair of a dump, in the file that it wrote, counts for the dump.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="store">A configured name or an address; null: the default store, or all where there is none.</param>
    /// <param name="allStores">True: of all stores, also where there is a default.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">The store is unknown.</exception>
    public static async Task<IReadOnlyList<RepairExecution>> ListExecutionsAsync(
        this IntegrityEngine engine, string? store, bool allStores, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var address = engine.Stores.ResolveForList(store, allStores);
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        var all = await ledger.ListExecutionsAsync(cancellationToken).ConfigureAwait(false);
        var listed = new HashSet<string>(StringComparer.Ordinal);
        listed.UnionWith(all.Reverse().Where(execution => address is null || execution.Store == address || (execution.Undoes is { } undone && listed.Contains(undone)))
            .Select(execution => execution.Id));
        return [.. all.Where(execution => listed.Contains(execution.Id))];
    }

    /// <summary>The recorded plans, newest first: those for the store, and those of executions that are listed with it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="store">A configured name or an address; null: the default store, or all where there is none.</param>
    /// <param name="allStores">True: of all stores, also where there is a default.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">The store is unknown.</exception>
    public static async Task<IReadOnlyList<PlanSummary>> ListPlansAsync(this IntegrityEngine engine, string? store, bool allStores, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var address = engine.Stores.ResolveForList(store, allStores);
        var run = (await engine.ListExecutionsAsync(store, allStores, cancellationToken).ConfigureAwait(false)).Select(execution => execution.PlanId).ToHashSet(StringComparer.Ordinal);
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        return [.. (await ledger.ListPlansAsync(cancellationToken).ConfigureAwait(false)).Where(plan => address is null || plan.Store == address || run.Contains(plan.Id))];
    }

    /// <summary>The operations of an execution that have no final outcome yet: what resuming it would try.</summary>
    /// <exception cref="IntegrityException">There is no such execution.</exception>
    public static async IAsyncEnumerable<RepairOperation> ReadPendingAsync(
        this IntegrityEngine engine, string executionId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var execution = await engine.GetExecutionAsync(executionId, cancellationToken).ConfigureAwait(false);
        if (execution.Status is ExecutionStatus.Completed or ExecutionStatus.Undone)
        {
            yield break;
        }

        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        var settled = new HashSet<int>();
        await foreach (var result in ledger.ReadResultsAsync(executionId, cancellationToken).ConfigureAwait(false))
        {
            if (result.Outcome != OperationOutcome.Failed)
            {
                settled.Add(result.Number);
            }
        }

        var plan = await engine.GetPlanAsync(execution.PlanId, cancellationToken).ConfigureAwait(false);
        foreach (var operation in plan.Operations.Where(operation => !operation.NeedsReview && !settled.Contains(operation.Number)))
        {
            yield return operation;
        }
    }

    private static bool Fits(string pattern, string? documentType) =>
        documentType is not null && FileSystemName.MatchesSimpleExpression(pattern, documentType, ignoreCase: false);
}
