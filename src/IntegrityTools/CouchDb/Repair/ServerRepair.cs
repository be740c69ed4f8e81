using IntegrityTools.CouchDb.Backups;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Storage;
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
    private readonly BackupOperations backups;
    private readonly CouchOperations operations;
    private IReadOnlySet<string>? unsaved;

    public ServerRepair(ICouchSource source, CouchClient client, RevisionMemory memory, RepairContext context, StorageRepair storage)
    {
        (this.source, this.memory, this.context) = (source, memory, context);
        var writer = new ServerRevisionWriter(client, memory);
        operations = new CouchOperations(
            new ConflictResolution(source, writer, context.ExecutionId),
            new RevisionRestoration(source, writer, saved, context.ExecutionId),
            storage);
        backups = new BackupOperations(client, source, context);
    }

    /// <inheritdoc/>
    public int BatchSize => 500;

    /// <inheritdoc/>
    public int BatchesAtOnce => 2;

    /// <inheritdoc/>
    public bool AllOrNothing => false;

    /// <inheritdoc/>
    public async Task<BackupRecord> SaveAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        var backup = new RevisionBackup(source, context);
        var record = await backup.WriteAsync(
            [.. operations.Where(operation => operation.Action is not CompactDatabaseAction && !BackupOperations.Does(operation))],
            backups.NoteAsync(operations, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        unsaved = backup.Unsaved;
        return record;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RepairResult>> ApplyAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        var results = new List<RepairResult>(operations.Count);
        foreach (var operation in operations.Where(BackupOperations.Does))
        {
            results.Add(await backups.ApplyAsync(operation, cancellationToken).ConfigureAwait(false));
        }

        // What an earlier part of the run has saved stands in its backup.
        var documents = operations.Where(operation => !BackupOperations.Does(operation)).ToList();
        var lacking = unsaved ?? await saved.UnsavedAsync(context.BackupPath, documents, cancellationToken).ConfigureAwait(false);
        results.AddRange(await this.operations.ApplyAsync(documents, cancellationToken, lacking).ConfigureAwait(false));
        return [.. results.OrderBy(result => result.Number)];
    }

    /// <inheritdoc/>
    public Task<WrittenFile?> CompleteAsync(CancellationToken cancellationToken) => Task.FromResult<WrittenFile?>(null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        memory.Clear();
        operations.Dispose();
        return saved.DisposeAsync();
    }
}
