namespace IntegrityTools.Stores;

/// <summary>What a scan counts while it runs; complete when its stream of issues has ended.</summary>
public sealed class ScanStatistics
{
    private readonly HashSet<string> leftOut = new(StringComparer.Ordinal);
    private long documents;
    private long documentsRead;

    /// <summary>Documents looked at.</summary>
    public long Documents => Interlocked.Read(ref documents);

    /// <summary>Documents whose leaves were read.</summary>
    public long DocumentsRead => Interlocked.Read(ref documentsRead);

    /// <summary>The update sequence from which the scan started, when the store has one.</summary>
    public string? SinceSequence { get; set; }

    /// <summary>The update sequence that was reached.</summary>
    public string? LastSequence { get; set; }

    /// <summary>Types whose issues may be there although the scan did not find them, since what holds them could not be examined.</summary>
    public IReadOnlySet<string> LeftOut => leftOut;

    /// <summary>Notes that not all of the store could be examined for these types.</summary>
    public void LeaveOut(IEnumerable<string> types)
    {
        lock (leftOut)
        {
            leftOut.UnionWith(types);
        }
    }

    /// <summary>Counts documents looked at.</summary>
    public void AddDocuments(long count) => Interlocked.Add(ref documents, count);

    /// <summary>Counts documents whose leaves were read.</summary>
    public void AddDocumentsRead(long count) => Interlocked.Add(ref documentsRead, count);
}
