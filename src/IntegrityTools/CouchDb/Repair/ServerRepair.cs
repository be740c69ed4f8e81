using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Storage;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Repairs a database in place.</summary>
internal sealed class ServerRepair(ICouchSource source, CouchClient client, RevisionMemory memory, RepairContext context, StorageRepair storage) : IStoreRepair
{
    private const int Lanes = 2;

    private readonly SavedRevisions saved = new();
    private CouchOperations? operations;

    /// <inheritdoc/>
    public int BatchSize => 500;

    /// <inheritdoc/>
    public bool AllOrNothing => false;

    /// <inheritdoc/>
    public Task<BackupRecord> SaveAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken) =>
        new RevisionBackup(source, context).WriteAsync([.. operations.Where(operation => operation.Action is not CompactDatabaseAction)], cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RepairResult>> ApplyAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken) =>
        (this.operations ??= Operations()).ApplyAsync(operations, cancellationToken);

    /// <inheritdoc/>
    public Task<WrittenFile?> CompleteAsync(CancellationToken cancellationToken) => Task.FromResult<WrittenFile?>(null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        memory.Clear();
        return saved.DisposeAsync();
    }

    private CouchOperations Operations()
    {
        var writer = new ServerRevisionWriter(client, memory);
        return new CouchOperations(
            new ConflictResolution(source, writer, context.ExecutionId, Lanes),
            new RevisionRestoration(source, writer, saved, context.ExecutionId),
            storage);
    }
}
