using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Repairs a database in place.</summary>
internal sealed class ServerRepair : IStoreRepair
{
    private readonly ICouchSource source;
    private readonly RevisionMemory memory;
    private readonly RepairContext context;
    private readonly SavedRevisions saved = new();
    private readonly CouchOperations operations;

    public ServerRepair(ICouchSource source, CouchClient client, RevisionMemory memory, RepairContext context)
    {
        (this.source, this.memory, this.context) = (source, memory, context);
        var writer = new ServerRevisionWriter(client, memory);
        operations = new CouchOperations(
            new ConflictResolution(source, writer, context.ExecutionId),
            new RevisionRestoration(source, writer, saved, context.ExecutionId));
    }

    /// <inheritdoc/>
    public int BatchSize => 500;

    /// <inheritdoc/>
    /// <remarks>What is given back is read from one file, a batch after another.</remarks>
    public int BatchesAtOnce => context.Undoing ? 1 : 2;

    /// <inheritdoc/>
    public bool AllOrNothing => false;

    /// <inheritdoc/>
    public Task<BackupRecord> SaveAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken) =>
        new RevisionBackup(source, context).WriteAsync(operations, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RepairResult>> ApplyAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken) =>
        this.operations.ApplyAsync(operations, cancellationToken);

    /// <inheritdoc/>
    public Task<WrittenFile?> CompleteAsync(CancellationToken cancellationToken) => Task.FromResult<WrittenFile?>(null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        memory.Clear();
        return saved.DisposeAsync();
    }
}
