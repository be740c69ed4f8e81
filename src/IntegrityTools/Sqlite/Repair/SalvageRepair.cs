using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Salvage;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Salvaging as a repair: one for the whole file, into a new one, and taken back by removing that.</summary>
internal static class SalvageRepair
{
    /// <summary>The operation that answers an issue of a damaged file; null when nothing in the file could be salvaged.</summary>
    public static RepairOperation? Propose(IntegrityIssue issue, string path, CancellationToken cancellationToken)
    {
        var files = DatabaseFiles.Find(path);
        using (var file = PageFile.Open(files.Path))
        {
            if (HeaderGuess.PageSize(file) == 0 && WalFile.Read(files.Wal, 0, everything: false, cancellationToken) is not { Commits: > 0 })
            {
                return null;
            }
        }

        var destination = FreeName(files.Path);
        return new RepairOperation
        {
            Type = OperationTypes.Salvage,
            IssueId = issue.Id,
            IssueType = issue.Type,
            Severity = issue.Severity,
            Subject = "database",
            Risk = Risk.High,
            Strategy = Strategy.Auto,
            Reason = $"No page can be mended in place: what is left of all tables is written to {destination}, and the database is only read. A backup that is whole is better: restore that if there is one.",
            Precondition = SourceDigest.Of(files.Path, cancellationToken),
            Action = new SalvageAction(destination),
        };
    }

    /// <summary>Salvages.</summary>
    public static RepairResult Run(string path, RepairOperation operation, SalvageAction action, RepairContext context, CancellationToken cancellationToken)
    {
        if (SourceDigest.Of(path, cancellationToken) != operation.Precondition)
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, SqliteRepair.Stale(operation));
        }

        // A run that was killed may have got as far as the file: the same source gives the same file once more.
        var there = File.Exists(action.Destination);
        if (there && !context.Resuming)
        {
            return RepairResult.Of(
                context.ExecutionId, operation, OperationOutcome.Failed, $"There is a file {action.Destination} since the plan was made: it is left alone. Move it away and resume, or plan again.");
        }

        var written = there ? TemporaryFiles.NameFor(action.Destination) : action.Destination;
        var report = Salvager.Run(
            new SalvageOptions { Path = DatabaseFiles.Find(path).Path, Destination = written, Progress = context.Progress }, cancellationToken);
        var result = DigestOf(written, cancellationToken);
        if (there)
        {
            File.Delete(written);
            return DigestOf(action.Destination, cancellationToken) == result
                ? RepairResult.Of(context.ExecutionId, operation, OperationOutcome.AlreadyApplied, Tell(report, action), result)
                : RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Failed, $"{action.Destination} is another file than the one that this execution writes: it is left alone. Move it away and resume.");
        }

        return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Applied, Tell(report, action), result);
    }

    /// <summary>Takes a salvage back.</summary>
    public static RepairResult Remove(RepairOperation operation, RemoveFileAction action, RepairContext context, CancellationToken cancellationToken)
    {
        if (!context.Undoing)
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Failed, "Only an undo removes a file. Nothing was done.");
        }

        if (!File.Exists(action.Path))
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.AlreadyApplied, null, operation.Precondition);
        }

        if (DigestOf(action.Path, cancellationToken) != operation.Precondition)
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, $"{action.Path} was changed since it was written: it is left alone.");
        }

        File.Delete(action.Path);
        FolderSync.Flush(Path.GetDirectoryName(action.Path)!);
        return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Applied, null, operation.Precondition);
    }

    /// <summary>The inverse of a salvage; null when it has not written its file. A run that was cut off before it told leaves a file whose nobody knows to a person.</summary>
    public static RepairOperation? Invert(RepairOperation inverse, SalvageAction action, RepairResult? result) =>
        result?.After is FilePrecondition written ? inverse with
        {
            Type = OperationTypes.RemoveFile,
            Reason = $"The file that was written, {action.Destination}, is removed. The damaged one was never changed.",
            Precondition = written,
            Action = new RemoveFileAction(action.Destination),
        }
        : !File.Exists(action.Destination) ? null
        : SqliteUndo.Undecided(inverse, $"The run was cut off before it told what it wrote, and {action.Destination} may be another's: resume the execution first, which tells whether the file is its own, and undo that.");

    /// <summary>Whether an operation's precondition, which is about files, holds now.</summary>
    public static bool Holds(string path, RepairOperation operation, CancellationToken cancellationToken) => operation.Action switch
    {
        RemoveFileAction remove => File.Exists(remove.Path) && DigestOf(remove.Path, cancellationToken) == operation.Precondition,
        SalvageAction salvage => !File.Exists(salvage.Destination) && SourceDigest.Of(path, cancellationToken) == operation.Precondition,
        _ => false,
    };

    private static FilePrecondition DigestOf(string path, CancellationToken cancellationToken) => SourceDigest.Of(path, cancellationToken);

    private static string FreeName(string path)
    {
        var stem = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileNameWithoutExtension(path));
        var ending = Path.GetExtension(path);
        var name = $"{stem}.salvaged{ending}";
        for (var number = 2; File.Exists(name); number++)
        {
            name = $"{stem}.salvaged-{number}{ending}";
        }

        return name;
    }

    private static string Tell(SalvageReport report, SalvageAction action) =>
        $"{action.Destination} holds {Counted.Of(report.Rows, "row")} of {Counted.Of(report.Tables.Count, "table")}; {report.DamagedRows} damaged, {report.UncertainRows} uncertain and {report.UnplacedRows} unplaced rows stand apart in it, "
        + $"and {report.PagesLost} pages are lost. {string.Join(' ', report.Notes)}".TrimEnd();
}
