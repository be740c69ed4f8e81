using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Takes back the repair of a dump as a whole: the old dump is the beginning of the new one.</summary>
internal static class DumpRestoration
{
    /// <summary>The one operation that gives the old dump back, byte for byte.</summary>
    public static RepairOperation Operation(string path, WrittenFile now, UndoSource source, int documents) => new()
    {
        Type = OperationTypes.RestoreFile,
        IssueId = source.Execution.Id,
        Subject = Path.GetFileName(path),
        Risk = Risk.Low,
        Strategy = Strategy.Manual,
        Reason = $"Takes back {source.Execution.Id} ({Counted.Of(documents, "document")}): the dump as it was, byte for byte.",
        Precondition = new FilePrecondition(now.Sha256, now.Length),
        Action = new RestoreFileAction(source.Backup.Length, source.Backup.Sha256),
    };
}
