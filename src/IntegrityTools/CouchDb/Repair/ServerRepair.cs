using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Repairs a database in place.</summary>
internal sealed class ServerRepair(ServerSource source, CouchClient client, RepairContext context) : IStoreRepair
{
    private readonly CouchOperations operations = Operations(source, client, context);

    /// <inheritdoc/>
    public int BatchSize => 250;

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
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static CouchOperations Operations(ServerSource source, CouchClient client, RepairContext context)
    {
        var writer = new ServerRevisionWriter(client);
        return new CouchOperations(
            new ConflictResolution(source, writer, context.ExecutionId),
            new RevisionRestoration(source, writer, new SavedRevisions(), context.ExecutionId));
    }
}
