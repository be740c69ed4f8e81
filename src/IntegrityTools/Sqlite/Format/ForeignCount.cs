using System.Globalization;

namespace IntegrityTools.Sqlite.Format;

/// <summary>Holds the number of pages that a log or a journal counts against the file beside it: what is the file's own has every page that the file lacks, and page 1 wherever the number changed.</summary>
internal static class ForeignCount
{
    // SQLite locks bytes here, so that the page that holds them is in no file and no log.
    private const int LockedBytes = 0x40000000;

    /// <summary>Why a log that counts fewer pages than the file cannot be its own: without auto-vacuum only VACUUM takes pages away, and writes all that stay; null when nothing speaks against it.</summary>
    /// <param name="database">The header in the database's file.</param>
    /// <param name="length">Bytes in the database's file.</param>
    /// <param name="pages">Pages that the database has by the log's last commit.</param>
    /// <param name="held">The pages that the log holds.</param>
    public static string? OfSmaller(DatabaseHeader database, long length, uint pages, IReadOnlyDictionary<uint, long> held)
    {
        if (pages == 0 || database.PageSize == 0 || !database.CountsPages || database.LargestRoot != 0
            || pages >= Math.Min(database.PageCount, length / database.PageSize) || HoldsAll(database, pages, held))
        {
            return null;
        }

        return string.Create(
            CultureInfo.InvariantCulture, $"it counts {pages:N0} pages, and the database {database.PageCount:N0}, of which only VACUUM takes any away, and that writes them all, which it does not hold");
    }

    /// <summary>Whether a log holds every page of a database, so that nothing of the file stays.</summary>
    /// <param name="database">The header in the database's file.</param>
    /// <param name="pages">Pages that the database has by the log's last commit.</param>
    /// <param name="held">The pages that the log holds.</param>
    public static bool HoldsAll(DatabaseHeader database, uint pages, IReadOnlyDictionary<uint, long> held)
    {
        var locked = (uint)(LockedBytes / database.PageSize) + 1;
        for (var page = 1u; page <= pages; page++)
        {
            if (page != locked && !held.ContainsKey(page))
            {
                return false;
            }
        }

        return pages > 0;
    }

    /// <summary>Why what counts so many pages cannot be the file's; null when nothing speaks against it.</summary>
    /// <param name="database">The header in the database's file.</param>
    /// <param name="length">Bytes in the database's file.</param>
    /// <param name="pages">Pages that the database has by the log's last commit, or had by the journal; 0: not known.</param>
    /// <param name="held">The pages that the log or the journal holds.</param>
    public static string? Of(DatabaseHeader database, long length, uint pages, IReadOnlyDictionary<uint, long> held)
    {
        if (pages == 0 || database.PageSize == 0 || !database.CountsPages)
        {
            return null;
        }

        // A file that was cut off has lost pages that no log of its own need have.
        var inFile = length / database.PageSize;
        for (var page = Math.Max(inFile, database.PageCount) + 1; page <= pages; page++)
        {
            if (!held.ContainsKey((uint)page) && page != (LockedBytes / database.PageSize) + 1)
            {
                return string.Create(CultureInfo.InvariantCulture, $"it counts {pages:N0} pages, and page {page:N0} is neither in it nor in the file");
            }
        }

        return held.ContainsKey(1) || pages == database.PageCount || pages == inFile
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"it counts {pages:N0} pages and does not change page 1, which counts {database.PageCount:N0}");
    }
}
