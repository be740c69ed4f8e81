using IntegrityTools.CouchDb.Backups;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Repairs a database in place.</summary>
internal sealed class ServerRepair(ICouchSource source, CouchClient client, RevisionMemory memory, RepairContext context) : IStoreRepair
{
    private const int Lanes = 2;

    private readonly SavedRevisions saved = new();
    private readonly BackupOperations backups = new(client, source, context);
    private CouchOperations? operations;

    /// <inheritdoc/>
    public int BatchSize => 500;

    /// <inheritdoc/>
    public bool AllOrNothing => false;

    /// <inheritdoc/>
    public Task<BackupRecord> SaveAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken) =>
        new RevisionBackup(source, context).WriteAsync(
            [.. operations.Where(operation => !BackupOperations.Does(operation))], backups.NoteAsync(operations, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RepairResult>> ApplyAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        var results = new List<RepairResult>(operations.Count);
        foreach (var operation in operations.Where(BackupOperations.Does))
        {
            results.Add(await backups.ApplyAsync(operation, cancellationToken).ConfigureAwait(false));
        }

        results.AddRange(await (this.operations ??= Operations())
            .ApplyAsync([.. operations.Where(operation => !BackupOperations.Does(operation))], cancellationToken).ConfigureAwait(false));
        return [.. results.OrderBy(result => result.Number)];
    }

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
            new RevisionRestoration(source, writer, saved, context.ExecutionId));
    }
}
