using System.Globalization;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>Checks what stands beside the database: its write-ahead log and its rollback journal. Opening them with SQLite would change them for good.</summary>
internal static class LogChecks
{
    private const long Megabyte = 1 << 20;

    /// <summary>What is wrong, or worth knowing, of the log and the journal.</summary>
    public static IEnumerable<IntegrityIssue> Run(CheckContext context, WalFile? wal)
    {
        if (RollbackJournal.Read(context.Files.Journal) is { } journal && context.Wants(IssueTypes.HotJournal))
        {
            yield return Journal(context, journal);
        }

        if (wal is null)
        {
            yield break;
        }

        var limit = context.Settings.WalLimitMegabytes;
        if (wal.Length > limit * Megabyte && context.Wants(IssueTypes.OversizedWal))
        {
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"The -wal holds {wal.Length / (double)Megabyte:N0} MB, more than {limit:N0}: no checkpoint has got through, often because some reader never ends. Reading grows slower.");
            yield return context.Issue(
                IssueTypes.OversizedWal, Severity.Medium, "wal", text, Evidence(context, text), repairable: true);
        }

        foreach (var issue in Foreign(context, wal).Concat(Damaged(context, wal)))
        {
            yield return issue;
        }

        if (wal.Commits > 0 && !context.Files.HasShm && context.Wants(IssueTypes.HotJournal))
        {
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"The -wal holds {wal.Commits:N0} commits that the database's file does not have, and no process has it open. Never copy or move one without the other.");
            yield return context.Issue(IssueTypes.HotJournal, Severity.Low, "wal", text, Evidence(context, text), repairable: true, key: "wal");
        }
    }

    private static FileEvidence Evidence(CheckContext context, string text) => new() { Detail = text, Path = context.Files.Wal };

    private static IntegrityIssue Journal(CheckContext context, RollbackJournal journal)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"There is a rollback journal of a transaction on {journal.PagesBefore:N0} pages. Unless a process is writing now, one was killed in it, and whoever opens "
            + $"the database next rolls it back. Never delete it, and never copy the database without it.");
        return context.Issue(
            IssueTypes.HotJournal, Severity.High, "journal", text, new FileEvidence { Detail = text, Path = context.Files.Journal }, key: "journal");
    }

    private static IEnumerable<IntegrityIssue> Foreign(CheckContext context, WalFile wal)
    {
        var header = context.Header;
        var why = !wal.HasRightHeader ? null
            : wal.PageSize != header.PageSize ? string.Create(CultureInfo.InvariantCulture, $"it has pages of {wal.PageSize:N0} bytes, and the database of {header.PageSize:N0}")
            : wal.Header is not { } inside ? null
            : header.TextEncoding != 0 && inside.TextEncoding != header.TextEncoding ? "it has another text encoding"
            : inside.ApplicationId != header.ApplicationId && header.ApplicationId != 0 ? "it is of another application"
            : inside.ChangeCounter < header.ChangeCounter ? $"its last change is number {inside.ChangeCounter}, and the database is at {header.ChangeCounter}"
            : null;
        if (why is not null && context.Wants(IssueTypes.ForeignWal))
        {
            var text = $"The -wal belongs to another database, or to an older state of this one: {why}. Opening the database applies it and destroys "
                + "what is there: move the -wal away first, and keep it.";
            yield return context.Issue(IssueTypes.ForeignWal, Severity.Critical, "wal", text, Evidence(context, text));
        }
    }

    private static IEnumerable<IntegrityIssue> Damaged(CheckContext context, WalFile wal)
    {
        if (!context.Wants(IssueTypes.DamagedWal))
        {
            yield break;
        }

        if (wal.DamagedFrame > 0 || (!wal.HasRightHeader && wal.Length > 32))
        {
            var where = wal.HasRightHeader
                ? string.Create(CultureInfo.InvariantCulture, $"Frame {wal.DamagedFrame:N0} of the -wal is damaged")
                : "The header of the -wal is damaged";
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"{where}: {wal.LostCommits:N0} commits behind it are whole and not seen, so that older rows show as the present ones, and integrity_check says ok. "
                + $"The next writer overwrites them: copy the database with its -wal before anything opens it.");
            yield return context.Issue(IssueTypes.DamagedWal, Severity.Critical, "wal", text, Evidence(context, text), key: "damaged");
        }
        else if (wal.UncommittedFrames > 0 && !context.Files.HasShm)
        {
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"The -wal ends with {wal.UncommittedFrames:N0} pages of a transaction that never committed: its process ended in it. They are ignored, which is right.");
            yield return context.Issue(IssueTypes.DamagedWal, Severity.Info, "wal", text, Evidence(context, text), key: "torn");
        }
    }
}
