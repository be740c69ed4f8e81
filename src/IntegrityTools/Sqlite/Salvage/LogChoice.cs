using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Decides what of a log or a journal beside a damaged file counts, and tells what was decided and what else could be asked for.</summary>
internal static class LogChoice
{
    private static string WholeLog => CommandWords.Option("--wal everything", "-Wal Everything");

    private static string WholeJournal => CommandWords.Option("--journal everything", "-Journal Everything");

    /// <summary>The log, when something of it is taken; else null.</summary>
    public static WalFile? Of(WalFile? log, PageFile file, int pageSize, DatabaseHeader? header, LogUse use, List<string> notes)
    {
        if (log is null or { Length: <= WalFile.HeaderLength })
        {
            return null;
        }

        var foreign = log.PageSize != pageSize ? $"its pages have {log.PageSize} bytes" : header is null ? null : log.WhyForeign(header, file.FileLength);
        if (use == LogUse.Ignore)
        {
            notes.Add("The -wal beside the file was left out, as asked.");
            return null;
        }

        if (foreign is not null && (use == LogUse.Committed || log.PageSize != pageSize))
        {
            notes.Add($"The -wal beside the file is another database's, or of an older state: {foreign}. It was left out"
                + (log.PageSize == pageSize ? $"; {WholeLog} takes all of it." : "."));
            return null;
        }

        if (log.Pages.Count > 0)
        {
            notes.Add($"From the -wal: {Counted.Of(log.Pages.Count, "page")} of {Counted.Of(log.Commits, "commit")} of the -wal beside the file{(foreign is null ? string.Empty : $", although {foreign}")}."
                + (use == LogUse.Committed && header is not null && log.ReplacesAll(header)
                    ? $" They replace every page of the file, as the log of a VACUUM does, and that of another database; {CommandWords.Option("--wal ignore", "-Wal Ignore")} leaves them out."
                    : string.Empty));
        }

        if (!log.HasRightHeader)
        {
            notes.Add("The header of the -wal is damaged." + (use == LogUse.Everything ? string.Empty : $" SQLite would take nothing of it, and nothing was taken; {WholeLog} takes all of it."));
        }
        else if (log.DamagedFrame > 0)
        {
            notes.Add($"Frame {log.DamagedFrame} of the -wal is damaged; {log.LostCommits} commits follow it"
                + (log.LostCommits == 0 ? "." : use == LogUse.Everything ? " and were taken." : $" and were left out, as SQLite does; {WholeLog} takes them."));
        }

        return log.Commits > 0 ? log : null;
    }

    /// <summary>The journal, when it is rolled back; else null.</summary>
    public static RollbackJournal? Of(RollbackJournal? journal, PageFile file, int pageSize, DatabaseHeader? header, LogUse use, List<string> notes)
    {
        if (journal is null)
        {
            return null;
        }

        var foreign = journal.PageSize != pageSize ? $"its pages have {journal.PageSize} bytes" : header is null ? null : journal.WhyForeign(header, file.FileLength);
        if (use == LogUse.Ignore)
        {
            notes.Add("The rollback journal beside the file was left out, as asked: what an unfinished transaction changed is taken as it stands.");
            return null;
        }

        var doubt = foreign ?? (header is null ? null : journal.WhyDoubtful(header));
        if (doubt is not null && (use == LogUse.Committed || journal.PageSize != pageSize))
        {
            notes.Add($"The rollback journal beside the file {(foreign is null ? "may be another database's" : "is another database's, or of another state")}: {doubt}. It was left out, "
                + "and the rows are as the file has them, with what an unfinished transaction changed, if the journal is its own"
                + (journal.PageSize == pageSize ? $"; {WholeJournal} puts the journal's pages back." : "."));
            return null;
        }

        if (journal.Records > 0)
        {
            notes.Add($"A transaction was not finished: {journal.Records} pages stand as the rollback journal beside the file has them{(doubt is null ? string.Empty : $", although {doubt}")}.");
        }

        if (journal.DamagedRecord > 0)
        {
            notes.Add($"Record {journal.DamagedRecord} of the rollback journal is damaged; {journal.LostRecords} right ones follow it"
                + (journal.LostRecords == 0 ? "." : use == LogUse.Everything ? " and were taken." : $" and were left out, as SQLite does; {WholeJournal} takes them.")
                + " What the transaction changed in other pages stands among the rows.");
        }

        return journal.Records > 0 ? journal : null;
    }
}
