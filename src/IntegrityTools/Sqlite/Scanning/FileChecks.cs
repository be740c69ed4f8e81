using System.Globalization;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>Checks the header, much of which SQLite takes on trust.</summary>
internal static class FileChecks
{
    /// <summary>What is wrong with the file as a whole.</summary>
    public static IEnumerable<IntegrityIssue> Run(CheckContext context, WalFile? wal)
    {
        if (!context.Wants(IssueTypes.DamagedPage))
        {
            yield break;
        }

        foreach (var (severity, fault) in HeaderFaults(context, wal))
        {
            yield return Damage(context, 1, severity, fault);
        }
    }

    private static IntegrityIssue Damage(CheckContext context, uint page, Severity severity, string fault) => context.Issue(
        IssueTypes.DamagedPage, severity, $"page:{page}", fault, new FileEvidence { Detail = fault, Page = page }, key: fault);

    private static IEnumerable<(Severity Severity, string Fault)> HeaderFaults(CheckContext context, WalFile? wal)
    {
        var header = context.Header;
        var length = DatabaseFiles.LengthOf(context.Files.Path);
        if (header.PageSize == 0)
        {
            yield return (Severity.Critical, "The header's page size is none that exists: SQLite opens the file no more. Restore a backup, or salvage it.");
            yield break;
        }

        if (!header.HasRightFractions || header.Usable < 480)
        {
            yield return (Severity.Critical, "The header's constants are wrong: SQLite opens the file no more. Restore a backup, or salvage it.");
        }

        if (header.WriteVersion is < 1 or > 2 || header.ReadVersion is < 1 or > 2)
        {
            yield return (Severity.High, $"The header's version numbers are {header.WriteVersion} and {header.ReadVersion}; only 1 and 2 exist.");
        }

        if (header.SchemaFormat > 4 || header.TextEncoding > 3)
        {
            yield return (Severity.High, $"The header's schema format {header.SchemaFormat} or text encoding {header.TextEncoding} does not exist.");
        }

        if (header is { LargestRoot: 0, IncrementalVacuum: true })
        {
            yield return (Severity.Medium, "The header says incremental vacuum, and that the database has no auto-vacuum: one of the two is wrong.");
        }

        if (header.PageCount > 0 && header.ChangeCounter != header.CountValidFor)
        {
            yield return (Severity.Low, string.Create(
                CultureInfo.InvariantCulture,
                $"The header's page count is for change {header.CountValidFor:N0}, and the database is at {header.ChangeCounter:N0}: a library before 3.7 wrote last, or one of these numbers is damaged. The file's length counts instead."));
        }

        // With a log, the header in the file is not the one that counts, and the file is as long as the last checkpoint left it.
        if (wal is { Commits: > 0 })
        {
            yield break;
        }

        var pages = length / header.PageSize;
        if (header.CountsPages && header.PageCount > pages)
        {
            yield return (Severity.Critical, string.Create(
                CultureInfo.InvariantCulture,
                $"The file is cut off: its header counts {Counted.Of(header.PageCount, "page")}, and {pages:N0} are there. Restore a backup, or salvage it."));
        }
        else if (length % header.PageSize != 0)
        {
            yield return (Severity.Medium, string.Create(
                CultureInfo.InvariantCulture, $"The file ends within a page: {Counted.Of(length % header.PageSize, "byte")} too many behind page {pages:N0}."));
        }

        // In the midst of a transaction or a checkpoint a file is longer than its header says, and so is one that its application lets grow in large steps: by zeros.
        // Whether there is a journal is asked before the header is read once more: what a transaction under way has changed, it has changed by then.
        if (header.CountsPages && header.PageCount < pages && !RollbackJournal.IsThere(context.Files.Journal) && !context.Files.HasShm
            && HoldsAny(context.Files.Path, header.PageCount * (long)header.PageSize, header.PageSize) && context.Files.ReadHeader()?.PageCount == header.PageCount)
        {
            yield return (Severity.Medium, string.Create(
                CultureInfo.InvariantCulture,
                $"The header counts {Counted.Of(header.PageCount, "page")}, and the file has {pages:N0}: SQLite takes those behind for none of the database's. Where rows are missing, the number is damaged: restore a backup, or salvage it."));
        }

        if (header.FreePages >= Math.Max(1, pages))
        {
            yield return (Severity.High, $"The header counts {header.FreePages} free pages in a file of {pages}.");
        }
    }

    private static bool HoldsAny(string path, long offset, int length)
    {
        var bytes = new byte[length];
        using var file = DatabaseFiles.Open(path);
        file.Position = offset;
        return bytes.AsSpan(0, file.ReadAtLeast(bytes, length, throwOnEndOfStream: false)).ContainsAnyExcept((byte)0);
    }
}
