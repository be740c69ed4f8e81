using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.Sqlite.Format;

/// <summary>Pages in a log or a journal that stand in the place of the database's own.</summary>
internal sealed class PageOverlay : IDisposable
{
    private readonly SafeFileHandle handle;
    private readonly IReadOnlyDictionary<uint, long> places;

    private PageOverlay(string path, IReadOnlyDictionary<uint, long> places)
    {
        handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        this.places = places;
    }

    /// <summary>Pages that it has.</summary>
    public int Count => places.Count;

    /// <summary>The last page that it has.</summary>
    public uint Last => places.Keys.Max();

    /// <summary>What a log has committed; null when that is nothing.</summary>
    public static PageOverlay? Of(WalFile? log) => log is { Commits: > 0 } ? new PageOverlay(log.Path, log.Pages) : null;

    /// <summary>What a journal gives back; null when that is nothing.</summary>
    public static PageOverlay? Of(RollbackJournal? journal) => journal is { Records: > 0 } ? new PageOverlay(journal.Path, journal.Pages) : null;

    /// <summary>Whether it has a page.</summary>
    public bool Has(uint page) => places.ContainsKey(page);

    /// <summary>Reads a page; false when it does not have it.</summary>
    public bool TryRead(uint page, Span<byte> destination) =>
        places.TryGetValue(page, out var offset) && RandomAccess.Read(handle, destination, offset) == destination.Length;

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
