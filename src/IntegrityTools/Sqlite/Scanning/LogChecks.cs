using System.Globalization;
using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>Checks what stands beside the database: its write-ahead log and its rollback journal. Opening them with SQLite would change them for good.</summary>
internal static class LogChecks
{
    private const long Megabyte = 1 << 20;

    /// <summary>What speaks against a write-ahead log.</summary>
    public static IReadOnlySet<string> OfLog { get; } = new HashSet<string>(StringComparer.Ordinal) { IssueTypes.ForeignWal, IssueTypes.DamagedWal };

    /// <summary>What speaks against a write-ahead log or a rollback journal.</summary>
    public static IReadOnlySet<string> OfLogAndJournal { get; } = new HashSet<string>(OfLog, StringComparer.Ordinal) { IssueTypes.HotJournal };

    /// <summary>Why nothing may rely on what SQLite makes of the database and its log or journal; null: nothing speaks against it, or others write all the while, who have both open.</summary>
    /// <param name="files">The database.</param>
    /// <param name="types">The types of issues to look for: <see cref="OfLog"/>, or <see cref="OfLogAndJournal"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="least">The least severity that counts: at <see cref="Severity.Critical"/> a journal that SQLite rolls back as it should does not.</param>
    public static string? Danger(DatabaseFiles files, IReadOnlySet<string> types, CancellationToken cancellationToken, Severity least = Severity.High)
    {
        var (danger, settled) = files.Settle(() =>
        {
            var context = new CheckContext
            {
                Request = new ScanRequest { ScanId = string.Empty, Types = types, MinimumSeverity = least },
                Store = files.Path,
                Files = files,
                Header = files.RequireHeader(),
                Settings = new SqliteSettings(),
                Cancellation = cancellationToken,
            };
            var wal = WalFile.Read(files.Wal, context.Header.PageSize, everything: false, cancellationToken);
            return Run(context, wal).FirstOrDefault(issue => issue.Severity >= least);
        });
        return settled ? danger?.Message : null;
    }

    /// <summary>Why nobody but a person can know whose log there is, though nothing speaks against it; null: it does not replace every page.</summary>
    /// <param name="files">A database whose log is not known (<see cref="DatabaseFiles.HasKnownWal"/>).</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static string? Doubt(DatabaseFiles files, CancellationToken cancellationToken) =>
        files.ReadHeader() is { } header
        && WalFile.Read(files.Wal, header.PageSize, everything: false, cancellationToken) is { Commits: > 0 } wal && wal.ReplacesAll(header)
            ? "The -wal replaces every page of the file, as the log of a VACUUM does, and that of another database, and no process has left an index (-shm) which tells that it was read with this file."
            : null;

    /// <summary>True when the log or the journal is another database's, so that what SQLite makes of it and the file is no state that either ever had.</summary>
    public static bool IsForeign(CheckContext context, WalFile? wal) =>
        wal?.WhyForeign(context.Header, Length(context)) is not null
        || (RollbackJournal.Read(context.Files.Journal, everything: false, context.Cancellation)?.WhyForeign(context.Header, Length(context)) is not null
            && (context.Header.IsWal || HotJournal.Is(context.Files)));

    /// <summary>What is wrong, or worth knowing, of the log and the journal.</summary>
    public static IEnumerable<IntegrityIssue> Run(CheckContext context, WalFile? wal)
    {
        // In WAL mode no transaction has a journal: to ask SQLite there would leave a trace, and tell nothing.
        if (context.Wants(IssueTypes.HotJournal) && RollbackJournal.Read(context.Files.Journal, everything: false, context.Cancellation) is { } journal
            && (context.Header.IsWal || HotJournal.Is(context.Files)))
        {
            yield return Journal(context, journal);
        }

        if (wal is null)
        {
            yield break;
        }

        var foreign = wal.WhyForeign(context.Header, Length(context));
        var known = foreign is null && wal.LostCommits == 0 && !wal.ReplacesAll(context.Header);
        var limit = context.Settings.WalLimitMegabytes;
        if (wal.Length > limit * Megabyte && context.Wants(IssueTypes.OversizedWal))
        {
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"The -wal holds {wal.Length / (double)Megabyte:N0} MB, more than {limit:N0}: no checkpoint has got through, often because some reader never ends. Reading grows slower.");
            yield return context.Issue(
                IssueTypes.OversizedWal, Severity.Medium, "wal", text, Evidence(context, text), repairable: known);
        }

        foreach (var issue in Foreign(context, foreign).Concat(Damaged(context, wal)))
        {
            yield return issue;
        }

        if (wal.Commits > 0 && foreign is null && !context.Files.HasShm && context.Wants(IssueTypes.HotJournal))
        {
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"The -wal holds {Counted.Of(wal.Commits, "commit")} that the database's file does not have, and no process has it open. Never copy or move one without the other.")
                + (wal.ReplacesAll(context.Header) ? " It replaces every page of the file, as the log of a VACUUM does, and that of another database." : string.Empty);
            yield return context.Issue(IssueTypes.HotJournal, Severity.Low, "wal", text, Evidence(context, text), repairable: known, key: "wal");
        }
    }

    private static long Length(CheckContext context) => DatabaseFiles.LengthOf(context.Files.Path);

    private static FileEvidence Evidence(CheckContext context, string text) => new() { Detail = text, Path = context.Files.Wal };

    private static IntegrityIssue Journal(CheckContext context, RollbackJournal journal)
    {
        if (journal.SuperJournal is { } super && !File.Exists(super))
        {
            var committed = $"There is a rollback journal of a transaction over several databases, which has committed, since {super} is gone: whoever opens the database next deletes the journal and "
                + "applies none of it. That is right where the files stand where they stood. Where they were moved or copied meanwhile the transaction may be half written: restore all of its databases.";
            return context.Issue(IssueTypes.HotJournal, Severity.High, "journal", committed, new FileEvidence { Detail = committed, Path = context.Files.Journal }, key: "super journal");
        }

        var foreign = journal.WhyForeign(context.Header, Length(context));
        var doubt = foreign is null ? journal.WhyDoubtful(context.Header) : null;
        var text = foreign is not null
            ? $"The rollback journal beside the database belongs to another one, or to another state of this one: {foreign}. Opening the database to write can "
                + "put its pages over the present ones for good: move the journal away first, and keep it."
            : doubt is not null
            ? $"The rollback journal beside the database may belong to another one: {doubt}. Whoever opens the database next puts the journal's pages over the present ones: "
                + "copy both files first, and let only the application that left the journal open them."
            : journal.DamagedRecord > 0
            ? $"Record {journal.DamagedRecord} of the rollback journal is damaged, and {journal.LostRecords} right ones stand behind it: SQLite puts back what is before it, deletes the journal and "
                + "leaves a mixture of two states. Copy both files before anything opens the database; a salvage can take all that is right."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"There is a rollback journal of a transaction on {Counted.Of(journal.PagesBefore, "page")}. A process was killed in it, and whoever opens "
                + $"the database next rolls it back. Never delete it, and never copy the database without it.");
        return context.Issue(
            IssueTypes.HotJournal,
            (foreign ?? doubt) is not null || journal.DamagedRecord > 0 ? Severity.Critical : Severity.High,
            "journal",
            text,
            new FileEvidence { Detail = text, Path = context.Files.Journal },
            key: foreign is not null ? "foreign journal" : doubt is not null ? "doubtful journal" : journal.DamagedRecord > 0 ? "damaged journal" : "journal");
    }

    private static IEnumerable<IntegrityIssue> Foreign(CheckContext context, string? foreign)
    {
        if (foreign is not null && context.Wants(IssueTypes.ForeignWal))
        {
            var text = $"The -wal belongs to another database, or to an older state of this one: {foreign}. Opening the database applies it and destroys "
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

        if (wal.LostCommits > 0 || (!wal.HasRightHeader && wal.Length > WalFile.HeaderLength))
        {
            var where = wal.HasRightHeader
                ? string.Create(CultureInfo.InvariantCulture, $"Frame {wal.DamagedFrame:N0} of the -wal is damaged")
                : "The header of the -wal is damaged";
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"{where}: behind it {Counted.Of(wal.LostCommits, "commit")} whole and not seen, so that older rows show as the present ones, and integrity_check says ok. "
                + $"The next writer overwrites them: copy the database with its -wal before anything opens it.");
            yield return context.Issue(IssueTypes.DamagedWal, Severity.Critical, "wal", text, Evidence(context, text), key: "damaged");
        }
        else if (wal.UncommittedFrames > 0 && !context.Files.HasShm)
        {
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"The -wal ends with {Counted.Of(wal.UncommittedFrames, "page")} of a transaction that never committed: its process ended in it. They are ignored, which is right.");
            yield return context.Issue(IssueTypes.DamagedWal, Severity.Info, "wal", text, Evidence(context, text), key: "torn");
        }
    }
}
