using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>One repair of one store, from the saved state to the last verified write.</summary>
public interface IStoreRepair : IAsyncDisposable
{
    /// <summary>The most operations that one call of <see cref="ApplyAsync"/> should get.</summary>
    int BatchSize { get; }

    /// <summary>How many calls of <see cref="ApplyAsync"/> may be under way at once, so that one waits for the store while another thinks; 1 by default.</summary>
    int BatchesAtOnce => 1;

    /// <summary>
    /// True when nothing shows before <see cref="CompleteAsync"/>, as for a dump, which is written anew: an interrupted execution
    /// then applies every operation again.
    /// </summary>
    bool AllOrNothing { get; }

    /// <summary>
    /// Saves all that the operations touch (bodies, histories, attachments) and flushes it to disk before it returns.
    /// </summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.BackupFailed"/>: nothing may be written then.</exception>
    Task<BackupRecord> SaveAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken);

    /// <summary>
    /// Applies a batch: checks each precondition, writes what is kept, then removes, then reads back and verifies.
    /// Idempotent: what was half done before is finished, what was done is told as <see cref="OperationOutcome.AlreadyApplied"/>.
    /// </summary>
    /// <returns>One result an operation, in their order.</returns>
    Task<IReadOnlyList<RepairResult>> ApplyAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken);

    /// <summary>Makes the whole durable and visible: for stores that are never changed in place, the new file appears here.</summary>
    /// <returns>The file that was written; null when the store was changed in place.</returns>
    Task<WrittenFile?> CompleteAsync(CancellationToken cancellationToken);
}
