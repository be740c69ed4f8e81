using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.Sqlite.Format;

/// <summary>Pages in a log or a journal that stand in the place of the database's own.</summary>
internal sealed class PageOverlay : IDisposable
{
    private readonly SafeFileHandle handle;
    private readonly IReadOnlyDictionary<uint, long> places;

    private PageOverlay(SafeFileHandle handle, IReadOnlyDictionary<uint, long> places) => (this.handle, this.places) = (handle, places);

    /// <summary>Pages that it has.</summary>
    public int Count => places.Count;

    /// <summary>The last page that it has.</summary>
    public uint Last => places.Keys.Max();

    /// <summary>What a log has committed; null when that is nothing, or when all of it stands in the file by now, and the log is gone.</summary>
    public static PageOverlay? Of(WalFile? log) => log is { Commits: > 0 } ? Open(log.Path, log.Pages) : null;

    /// <summary>What a journal gives back; null when that is nothing, or when it is gone since its transaction has ended.</summary>
    public static PageOverlay? Of(RollbackJournal? journal) => journal is { Records: > 0 } ? Open(journal.Path, journal.Pages) : null;

    /// <summary>Whether it has a page.</summary>
    public bool Has(uint page) => places.ContainsKey(page);

    /// <summary>Reads a page; false when it does not have it.</summary>
    public bool TryRead(uint page, Span<byte> destination) =>
        places.TryGetValue(page, out var offset) && RandomAccess.Read(handle, destination, offset) == destination.Length;

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private static PageOverlay? Open(string path, IReadOnlyDictionary<uint, long> places)
    {
        try
        {
            return new PageOverlay(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), places);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
