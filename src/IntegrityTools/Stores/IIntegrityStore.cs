using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Stores;

/// <summary>The one interface that a kind of store implements: how it scans, proposes, takes back, and opens a repair.</summary>
public interface IIntegrityStore : IAsyncDisposable
{
    /// <summary>What the store is called and where it is.</summary>
    StoreDescriptor Descriptor { get; }

    /// <summary>The codes of <see cref="Model.IssueTypes"/> that a scan of this store can find.</summary>
    IReadOnlySet<string> Types { get; }

    /// <summary>Finds faults, streamed as found. Writes nothing to the store.</summary>
    IAsyncEnumerable<IntegrityIssue> ScanAsync(ScanRequest request, ScanStatistics statistics, CancellationToken cancellationToken);

    /// <summary>
    /// Takes part in a scan that several processes share, or begins it; <see cref="ScanRequest.Shared"/> hands it back. Writes to the store what they need to see each other, and nothing else.
    /// </summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidArgument"/>: this kind of store cannot be shared, or the scan of that name is about something else.</exception>
    Task<ISharedScan> ShareScanAsync(ShareRequest wanted, CancellationToken cancellationToken) => throw new IntegrityException(
        ErrorIds.InvalidArgument, $"A store of kind {Descriptor.Kind} is scanned by one process: there is no place in it where others would be seen.", Descriptor.Address,
        "Scan it without sharing.");

    /// <summary>Tells what can be told at once, without a scan. Writes nothing to the store.</summary>
    /// <exception cref="IntegrityException">The store does not exist, or the name or the password is refused. One that cannot be reached is told in the result.</exception>
    Task<StoreMeasurement> MeasureAsync(CancellationToken cancellationToken);

    /// <summary>Proposes one operation for each issue that this kind of store knows, in the issues' order. Writes nothing.</summary>
    IAsyncEnumerable<RepairOperation> ProposeAsync(
        IAsyncEnumerable<IntegrityIssue> issues, RepairPolicy policy, CancellationToken cancellationToken);

    /// <summary>Proposes the inverse of applied operations. Writes nothing.</summary>
    /// <param name="applied">Each operation with its result, in the reverse of the order in which they ran.</param>
    /// <param name="source">What is known of the execution that applied them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    IAsyncEnumerable<RepairOperation> ProposeUndoAsync(
        IAsyncEnumerable<AppliedOperation> applied, UndoSource source, CancellationToken cancellationToken);

    /// <summary>Tells what a run would do now, without writing: <see cref="OperationOutcome.WouldApply"/>, or stale where the store has moved on.</summary>
    IAsyncEnumerable<RepairResult> PreviewAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken);

    /// <summary>Opens a repair. Nothing is written before <see cref="IStoreRepair.SaveAsync"/> has returned.</summary>
    Task<IStoreRepair> BeginRepairAsync(RepairContext context, CancellationToken cancellationToken);

    /// <summary>Where the lease on this store is kept when the store can keep it itself; null: in the ledger.</summary>
    ILeaseKeeper? LeaseKeeper { get; }
}
