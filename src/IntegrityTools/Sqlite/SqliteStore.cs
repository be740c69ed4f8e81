using System.Runtime.CompilerServices;
using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Sqlite.Backups;
using IntegrityTools.Sqlite.Repair;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite;

/// <summary>A SQLite database in a file.</summary>
internal sealed class SqliteStore(StoreDescriptor descriptor, string path, SqliteSettings settings, string? connection) : IIntegrityStore
{
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
        if (request.Incremental)
        {
            statistics.Remark("Everything was looked at: a SQLite database does not tell what was changed since another scan.");
        }

        using var issues = new SqliteScanner(path, descriptor.Address, settings, connection).Run(request, statistics, cancellationToken).GetEnumerator();

        // SQLite works on the thread that asks it; the caller's is left free.
        while (await Task.Run(issues.MoveNext, cancellationToken).ConfigureAwait(false))
        {
            yield return issues.Current;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RepairOperation> ProposeAsync(
        IAsyncEnumerable<IntegrityIssue> issues, RepairPolicy policy, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var proposals = new SqliteProposals(path, cancellationToken);
        await foreach (var issue in issues.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return proposals.Propose(issue, policy);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RepairOperation> ProposeUndoAsync(
        IAsyncEnumerable<AppliedOperation> applied, UndoSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var proposals = new SqliteUndo(path, source, cancellationToken);
        await foreach (var operation in applied.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var inverted = FileRestoration.Does([operation.Operation])
                ? await SqliteRestore.InvertAsync(path, operation, source, cancellationToken).ConfigureAwait(false)
                : proposals.Invert(operation);
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

        foreach (var result in await Task.Run(() => SqlitePreview.Of(path, operations, cancellationToken), cancellationToken).ConfigureAwait(false))
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

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
