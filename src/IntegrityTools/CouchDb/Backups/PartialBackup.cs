using System.Text.Json;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Scanning;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>How far an unfinished backup is, in a small file beside it: a later run goes on from there.</summary>
/// <param name="Store">The database's canonical address.</param>
/// <param name="Incarnation">What tells the database from another of its name.</param>
/// <param name="PurgeSequence">What the server told of purges when it was begun: what was purged since would stay in it.</param>
/// <param name="Parent">The backup that it builds on.</param>
/// <param name="Compress">Whether it is compressed.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="Sequence">The update sequence up to which all documents are in it.</param>
/// <param name="Dump">How much of the dump is on disk.</param>
/// <param name="Documents">The documents in it.</param>
/// <param name="Attachments">The attachments in it.</param>
internal sealed record PartialBackup(
    string Store, string? Incarnation, string? PurgeSequence, string? Parent, bool Compress, DateTimeOffset CreatedAt, string? Sequence, DumpCheckpoint? Dump,
    long Documents, long Attachments)
{
    /// <summary>The unfinished dump.</summary>
    public static string DumpPath(BackupRequest request) => Path.Combine(request.Folder, request.Name + ".partial");

    private static string NotePath(BackupRequest request) => DumpPath(request) + ".json";

    /// <summary>The note of an unfinished backup like this one; null when there is none to go on with.</summary>
    public static PartialBackup? Find(BackupRequest request, PartialBackup like)
    {
        try
        {
            var found = JsonSerializer.Deserialize(File.ReadAllBytes(NotePath(request)), CouchBackupJson.Default.PartialBackup);
            return found?.Dump is { } dump && new FileInfo(DumpPath(request)) is { Exists: true } file && file.Length >= dump.Length
                && (found.Store, found.Incarnation, found.Parent, found.Compress) == (like.Store, like.Incarnation, like.Parent, like.Compress)
                && IncrementalStart.Number(found.PurgeSequence) == IncrementalStart.Number(like.PurgeSequence)
                ? found
                : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or JsonException)
        {
            return null; // Without a whole note nothing says what of the dump is whole: it is begun anew.
        }
    }

    /// <summary>Writes the note, flushed: it never tells of more than is on disk.</summary>
    public void Write(BackupRequest request)
    {
        var path = NotePath(request);
        var temporary = TemporaryFiles.NameFor(path);
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, this, CouchBackupJson.Default.PartialBackup);
            file.FlushToDisk();
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Removes the note, once the dump has its name, and before another is begun under the unfinished one's: it would be taken for that one's.</summary>
    public static void Remove(BackupRequest request)
    {
        File.Delete(NotePath(request));
        FolderSync.Flush(request.Folder);
    }
}
