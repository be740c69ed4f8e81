using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.Backups;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>
/// Runs the operations of a restore that are about all documents which the database has not, and takes them back. The backup was read once to plan them; it
/// is read a second time under the lease, to note what is not there by then, and a third time to write: nothing that grows with it is held in between.
/// </summary>
internal sealed class BackupOperations(CouchClient client, ICouchSource source, RepairContext context)
{
    private const string Everything = "everything";
    private const string Missing = "missing";
    private const string Incarnation = "incarnation";
    private const string DatabaseStays = " The database stays, with its settings: CouchDB has no deletion that makes sure that nobody has written since.";
    private const int IdsInNote = 1000;
    private const int MostNamed = 20;
    private bool empty;

    /// <summary>True for such an operation.</summary>
    public static bool Does(RepairOperation operation) => operation.Action is RestoreBackupAction or RemoveRestoredAction;

    /// <summary>What takes such an operation back.</summary>
    public static RepairOperation Inverse(RepairOperation operation, UndoSource undo) => operation.Action is RestoreBackupAction restored
        ? operation with
        {
            Number = 0,
            Type = OperationTypes.RemoveRestored,
            Risk = Risk.High,
            Reason = $"Takes back {undo.Execution.Id}: documents that were not there before get a tombstone, unless they were changed since, and so do those that replication brought meanwhile with the revisions of the backup. The backup has them.{(restored.Creates ? DatabaseStays : string.Empty)}",
            Action = new RemoveRestoredAction(restored, undo.Backup.Path),
        }
        : operation with
        {
            Number = 0,
            Type = OperationTypes.RestoreBackup,
            Action = null,
            NeedsReview = true,
            Reason = "Restore the backup again, overwriting what is newer (--overwrite, -Overwrite): the documents are tombstones by now.",
        };

    /// <summary>The names of the documents that are not there yet, as documents of a dump.</summary>
    public async IAsyncEnumerable<RawJson> NoteAsync(IReadOnlyList<RepairOperation> operations, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (operations.Select(operation => operation.Action).OfType<RestoreBackupAction>().FirstOrDefault() is not { } restore)
        {
            yield break;
        }

        var info = await client.GetInfoAsync(cancellationToken).ConfigureAwait(false);
        empty = info.Documents == 0 && info.DeletedDocuments is 0;
        if (empty)
        {
            yield return Note(0, writer =>
            {
                writer.WriteString(Incarnation, info.Incarnation);
                writer.WriteBoolean(Everything, true);
            });
            yield break;
        }

        var missing = new List<string>();
        var number = 0;
        await using var documents = await DocumentsAsync(restore, cancellationToken).ConfigureAwait(false);
        await foreach (var batch in documents.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var there = await RestoreComparison.LeavesAsync(source, batch, cancellationToken).ConfigureAwait(false);
            missing.AddRange(batch.Select(document => document.Id).Where(id => !there.ContainsKey(id)));
            for (; missing.Count >= IdsInNote; missing.RemoveRange(0, IdsInNote))
            {
                yield return Ids(number++, info, missing.Take(IdsInNote));
            }
        }

        yield return Ids(number, info, missing);
    }

    /// <summary>Runs one operation.</summary>
    public Task<RepairResult> ApplyAsync(RepairOperation operation, CancellationToken cancellationToken) => operation.Action switch
    {
        RestoreBackupAction restore => RestoreAsync(operation, restore, cancellationToken),
        RemoveRestoredAction remove => RemoveAsync(operation, remove, cancellationToken),
        _ => throw new InvalidOperationException($"{operation.Type} is about single documents."),
    };

    private static async Task<SavedDocuments> DocumentsAsync(RestoreBackupAction restore, CancellationToken cancellationToken) =>
        new(await BackupFolder.ChainOfAsync(restore, cancellationToken).ConfigureAwait(false), restore.Subjects, restore.SkipDamaged);

    private async Task<RepairResult> RestoreAsync(RepairOperation operation, RestoreBackupAction restore, CancellationToken cancellationToken)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var chain = await BackupFolder.ChainOfAsync(restore, cancellationToken).ConfigureAwait(false);
        Func<string, bool>? begun = null;
        if (context.Resuming)
        {
            await BackupFolder.ThrowIfDamagedAsync(chain, cancellationToken).ConfigureAwait(false);
            (begun, _) = await ReadNotesAsync(context.BackupPath, cancellationToken).ConfigureAwait(false);
        }

        var writer = new RestoreWriter(client, source, context.Progress);
        await using var documents = new SavedDocuments(chain, restore.Subjects, restore.SkipDamaged, keepsAttachments: true);
        await writer.WriteAsync(documents, Expected(chain, restore), known: !empty || context.Resuming, begun, cancellationToken).ConfigureAwait(false);
        var refused = writer.Refused.ToList();
        var kept = restore.Creates ? await DatabaseSettings.RestoreAsync(client, chain, refused.Add, cancellationToken).ConfigureAwait(false) : [];
        List<string> told = refused.Count == 0 ? [] : [$"The store refused some of them, the first is {refused[0]}"];
        if (kept.Count > 0)
        {
            var others = kept.Count > MostNamed ? $" and {Counted.Number(kept.Count - MostNamed)} more" : string.Empty;
            told.Add($"Set or written by somebody else during the restore, so left as it is, differing from the backup: {string.Join(", ", kept.Take(MostNamed))}{others}.");
        }

        return RepairResult.Of(
            context.ExecutionId, operation, refused.Count == 0 ? OperationOutcome.Applied : OperationOutcome.Failed,
            told.Count == 0 ? null : string.Join(" ", told), operation.Precondition) with
        {
            Written = writer.Written,
            Refused = refused,
            DurationMs = watch.Elapsed.TotalMilliseconds,
        };
    }

    private async Task<RepairResult> RemoveAsync(RepairOperation operation, RemoveRestoredAction remove, CancellationToken cancellationToken)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var (noted, incarnation) = await ReadNotesAsync(remove.RecordPath, cancellationToken).ConfigureAwait(false);
        if (incarnation is not null && (await client.GetInfoAsync(cancellationToken).ConfigureAwait(false)).Incarnation is { } now && now != incarnation)
        {
            return RepairResult.Of(
                context.ExecutionId, operation, OperationOutcome.Stale,
                "The database was made anew since: nothing in it is this restore's, and all of it is left alone. What another restore wrote there, the undo of that one takes back.");
        }

        var writer = new RestoreWriter(client, source, context.Progress);
        await using var documents = await DocumentsAsync(remove.Restored, cancellationToken).ConfigureAwait(false);
        await writer.RemoveAsync(documents, noted, context.Resuming, cancellationToken).ConfigureAwait(false);
        var kept = writer.Refused;
        return RepairResult.Of(
            context.ExecutionId, operation, kept.Count == 0 ? OperationOutcome.Applied : OperationOutcome.Stale,
            kept.Count == 0 ? null : $"Removed: {writer.Written}. Left alone: {kept.Count}, the first is {kept[0]}", operation.Precondition) with
        {
            Written = writer.Written,
            Refused = kept,
            DurationMs = watch.Elapsed.TotalMilliseconds,
        };
    }

    private static long Expected(IReadOnlyList<BackupManifest> chain, RestoreBackupAction restore) =>
        restore.Subjects.Count > 0 ? restore.Subjects.Count : chain.Sum(link => link.Counts.GetValueOrDefault("documents"));

    /// <summary>Tells of an id whether it was noted, and of which database; null when the server does not tell databases of one name apart.</summary>
    private static async Task<(Func<string, bool> Noted, string? Incarnation)> ReadNotesAsync(string path, CancellationToken cancellationToken)
    {
        var noted = new HashSet<ShortDigest>();
        string? incarnation = null;
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        var reader = new DumpReader(file);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { } entry)
        {
            if (entry.Fault is { } fault)
            {
                throw new IntegrityException(
                    ErrorIds.DamagedFile, $"Line {entry.Line} of what was saved before the restore cannot be read ({fault}), so that nobody can tell which documents the restore made.", path,
                    "Nothing was changed. Put the file back as it was; the ledger has its SHA-256 ('integrity audit show').");
            }

            using var note = JsonDocument.Parse(entry.Bytes, JsonLimits.Document);
            if (!note.RootElement.GetProperty(CouchNames.DocumentId).GetString()!.StartsWith("_local/", StringComparison.Ordinal))
            {
                break; // The notes come first.
            }

            incarnation = note.RootElement.TryGetProperty(Incarnation, out var told) ? told.GetString() : null;
            if (note.RootElement.TryGetProperty(Everything, out _))
            {
                return (_ => true, incarnation);
            }

            noted.UnionWith(note.RootElement.GetProperty(Missing).EnumerateArray().Select(id => ShortDigest.Of(id.GetString()!)));
        }

        return (id => noted.Contains(ShortDigest.Of(id)), incarnation);
    }

    private static RawJson Ids(int number, DatabaseInfo info, IEnumerable<string> ids) => Note(number, writer =>
    {
        writer.WriteString(Incarnation, info.Incarnation);
        writer.WriteStartArray(Missing);
        foreach (var id in ids)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    });

    private static RawJson Note(int number, Action<Utf8JsonWriter> content)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString(CouchNames.DocumentId, $"_local/integritytools-restore-{number}");
            writer.WriteString(CouchNames.DocumentRev, "0-1");
            content(writer);
            writer.WriteEndObject();
        }

        return new RawJson(buffer.WrittenMemory);
    }
}
