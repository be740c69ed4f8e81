using System.Runtime.CompilerServices;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Duplicates;
using IntegrityTools.CouchDb.Health;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Scanning;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb;

/// <summary>A dump of a database: scanned and planned like a server, repaired into a new file.</summary>
internal sealed class CouchDumpStore(StoreDescriptor descriptor, string path, ResolutionSettings settings, ValidationSettings validation, PerformanceSettings performance)
    : IIntegrityStore
{
    private readonly DumpSource source = new(path);

    private ConflictProposals Proposals => new(source, validation, new ContentProposals(source, settings, validation), new DuplicateProposals(source, settings, validation));

    /// <inheritdoc/>
    public StoreDescriptor Descriptor => descriptor;

    /// <inheritdoc/>
    public IReadOnlySet<string> Types => IssueTypes.OfDumps;

    /// <inheritdoc/>
    public ILeaseKeeper? LeaseKeeper => null;

    /// <inheritdoc/>
    public IAsyncEnumerable<IntegrityIssue> ScanAsync(ScanRequest request, ScanStatistics statistics, CancellationToken cancellationToken)
    {
        if (request.Incremental)
        {
            statistics.Remark("Everything was looked at: a dump does not tell what was changed since another scan.");
        }

        var policy = new RepairPolicy { Resolution = settings };
        var planner = new ConflictPlanner();
        var options = CouchOptions.Of(performance);
        ICouchSource from = request.Partition is { } partition ? new PartitionOfDump(source, partition) : source;

        // A dump is read from its beginning: of a scan that was cut, only what was found before is kept.
        request = request with { From = null, Settled = null };
        return new CouchScan(
            new ConflictScanner(from, descriptor.Address, settings, (found, versions) => planner.CanAutoResolve(found, policy, versions), options),
            new ContentScanner(from, descriptor.Address, settings, validation)).ScanAsync(request, statistics, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<StoreMeasurement> MeasureAsync(CancellationToken cancellationToken) => Task.FromResult(DumpHealth.Measure(path));

    /// <inheritdoc/>
    public IAsyncEnumerable<RepairOperation> ProposeAsync(
        IAsyncEnumerable<IntegrityIssue> issues, RepairPolicy policy, CancellationToken cancellationToken) =>
        Proposals.ProposeAsync(issues, policy, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<RepairOperation> ProposeUndoAsync(
        IAsyncEnumerable<AppliedOperation> applied, UndoSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Execution.Undoes is not null)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState,
                "This execution gave back an old dump; the repaired one still stands where it was written.",
                source.Execution.Id,
                "Use the repaired dump, or run the plan again.");
        }

        var now = await FileDigest.OfAsync(path, cancellationToken).ConfigureAwait(false);
        if (source.Written is { } written && written.Sha256 == now.Sha256)
        {
            var count = await applied.CountAsync(cancellationToken).ConfigureAwait(false);
            yield return await DumpRestoration.OperationAsync(path, now, source, count, cancellationToken).ConfigureAwait(false);
            yield break;
        }

        // The file is no longer as it was written: documents that are as they were left are taken back one by one.
        var inFile = source with { Backup = source.Backup with { Path = path } };
        await foreach (var operation in new UndoProposals(this.source).ProposeAsync(applied, inFile, cancellationToken).ConfigureAwait(false))
        {
            yield return operation;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RepairResult> PreviewAsync(
        IReadOnlyList<RepairOperation> operations, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var operation in operations.Where(operation => operation.Action is RestoreFileAction))
        {
            var results = new BatchResults("dry-run", [operation]);
            results.Set(0, OperationOutcome.WouldApply, operation.Reason);
            yield return results.ToList()[0];
        }

        var others = operations.Where(operation => operation.Action is not RestoreFileAction).ToList();
        await foreach (var result in ConflictPreview.PreviewAsync(source, others, cancellationToken).ConfigureAwait(false))
        {
            yield return result;
        }
    }

    /// <inheritdoc/>
    public Task<IStoreRepair> BeginRepairAsync(RepairContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Task.FromResult<IStoreRepair>(new DumpRepair(source, path, DumpDestination.Check(path, context), context));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => source.DisposeAsync();
}
