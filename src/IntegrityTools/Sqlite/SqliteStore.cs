using System.Runtime.CompilerServices;
using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Sqlite.Backups;
using IntegrityTools.Sqlite.Health;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Repair;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Sqlite.Summaries;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite;

/// <summary>A SQLite database in a file.</summary>
internal sealed class SqliteStore(StoreDescriptor descriptor, string path, SqliteSettings settings, string? connection) : IIntegrityStore
{
    /// <summary>The summary that a scan checks; null: those that are installed.</summary>
    public SummaryRequest? Summary { get; init; }

    /// <summary>The database's file.</summary>
    public string Path => path;

    /// <inheritdoc/>
    public StoreDescriptor Descriptor => descriptor;

    /// <inheritdoc/>
    public IReadOnlySet<string> Types => IssueTypes.OfSqlite;

    /// <inheritdoc/>
    public ILeaseKeeper? LeaseKeeper => null;

    /// <inheritdoc/>
    public async IAsyncEnumerable<IntegrityIssue> ScanAsync(
        ScanRequest request, ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (request.Partition is not null)
        {
            throw new IntegrityException(ErrorIds.InvalidArgument, "A SQLite database has no partitions.", descriptor.Address, $"Scan it without one; {CommandWords.Option("--subject and --document-type", "-Subject and -DocumentType")} narrow a scan, too.");
        }

        if (request.Incremental)
        {
            statistics.Remark("Everything was looked at: a SQLite database does not tell what was changed since another scan.");
        }

        using var issues = new SqliteScanner(path, descriptor.Address, settings, connection) { Summary = Summary }.Run(request, statistics, cancellationToken).GetEnumerator();

        // SQLite works on the thread that asks it; the caller's is left free.
        while (await Task.Run(() => BusyWait.Run(issues.MoveNext, cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            yield return issues.Current;
        }
    }

    /// <inheritdoc/>
    public Task<StoreMeasurement> MeasureAsync(CancellationToken cancellationToken) =>
        Task.Run(() => BusyWait.Run(() => new SqliteHealth(path, settings, connection).Measure(cancellationToken), cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<RepairOperation> ProposeAsync(
        IAsyncEnumerable<IntegrityIssue> issues, RepairPolicy policy, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var proposals = new SqliteProposals(path, cancellationToken);
        var summaries = new SummaryProposals(proposals);
        await foreach (var issue in issues.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var operations = ReadRefusal.Told<IReadOnlyList<RepairOperation>>(path, () =>
                issue.Evidence is SummaryEvidence drift && proposals.Mixture is null ? [.. summaries.Add(issue, drift, policy)] : [.. summaries.End(policy), proposals.Propose(issue, policy)], cancellationToken);
            foreach (var operation in operations)
            {
                yield return operation;
            }
        }

        foreach (var operation in ReadRefusal.Told<IReadOnlyList<RepairOperation>>(path, () => [.. summaries.End(policy)], cancellationToken))
        {
            yield return operation;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RepairOperation> ProposeUndoAsync(
        IAsyncEnumerable<AppliedOperation> applied, UndoSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var all = await applied.ToListAsync(cancellationToken).ConfigureAwait(false);
        using var proposals = new SqliteUndo(path, source, all, cancellationToken);
        foreach (var operation in all)
        {
            var inverted = FileRestoration.Does([operation.Operation])
                ? await SqliteRestore.InvertAsync(path, operation, source, cancellationToken).ConfigureAwait(false)
                : all.Count == 1 && CheckpointRepair.SavedBy(operation, source) is { } saved
                ? await SqliteRestore.InvertAsync(path, operation, saved, cancellationToken).ConfigureAwait(false)
                : ReadRefusal.Told(path, () => proposals.Invert(operation), cancellationToken);
            if (inverted is { } inverse)
            {
                yield return inverse;
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RepairResult> PreviewAsync(
        IReadOnlyList<RepairOperation> operations, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(operations);
        if (FileRestoration.Does(operations))
        {
            yield return await SqliteRestore.PreviewAsync(path, operations[0], cancellationToken).ConfigureAwait(false);
            yield break;
        }

        foreach (var result in await Task.Run(() => ReadRefusal.Told(path, () => SqlitePreview.Of(path, operations, cancellationToken), cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            yield return result;
        }
    }

    /// <inheritdoc/>
    public Task<IStoreRepair> BeginRepairAsync(RepairContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Destination is not null)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument,
                "A database is repaired in place; a destination is for dumps.",
                descriptor.Address,
                "Leave the destination out.");
        }

        return Task.FromResult<IStoreRepair>(new SqliteRepair(path, context));
    }

    /// <summary>The same store, whose scans check this summary.</summary>
    public SqliteStore With(SummaryRequest summary) => new(descriptor, path, settings, connection) { Summary = summary };

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
