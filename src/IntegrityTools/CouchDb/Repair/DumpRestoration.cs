using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Takes back the repair of a dump as a whole: the old dump is the beginning of the new one.</summary>
internal static class DumpRestoration
{
    /// <summary>The one operation that gives the old dump back, byte for byte.</summary>
    /// <exception cref="IntegrityException">The repaired one does not begin with it, and it is not there itself any more.</exception>
    public static async Task<RepairOperation> OperationAsync(string path, WrittenFile now, UndoSource source, int documents, CancellationToken cancellationToken) => new()
    {
        Type = OperationTypes.RestoreFile,
        IssueId = source.Execution.Id,
        Subject = Path.GetFileName(path),
        Risk = Risk.Low,
        Strategy = Strategy.Manual,
        Reason = $"Takes back {source.Execution.Id} ({Counted.Of(documents, "document")}): the dump as it was, byte for byte.",
        Precondition = new FilePrecondition(now.Sha256, now.Length),
        Action = new RestoreFileAction(source.Backup.Length, source.Backup.Sha256, await PlaceAsync(path, now, source.Backup, cancellationToken).ConfigureAwait(false)),
    };

    /// <summary>Where the old dump is, when it is not the beginning of the repaired one.</summary>
    private static async Task<string?> PlaceAsync(string path, WrittenFile now, BackupRecord old, CancellationToken cancellationToken)
    {
        if (now.Length >= old.Length && await FileDigest.CopyAsync(path, old.Length, Stream.Null, cancellationToken).ConfigureAwait(false) == old.Sha256)
        {
            return null;
        }

        if (File.Exists(old.Path) && (await FileDigest.OfAsync(old.Path, cancellationToken).ConfigureAwait(false)).Sha256 == old.Sha256)
        {
            return old.Path;
        }

        throw new IntegrityException(
            ErrorIds.DamagedFile, "The old dump was cut, or holds documents twice, so that the repaired one does not begin with it, and it is no longer where it was, as it was.", old.Path,
            "Put it back there, or go on with the repaired one: it holds all that could be read of the old one, and the repair.");
    }
}
