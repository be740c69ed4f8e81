using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>What a scan counts while it runs; complete when its stream of issues has ended.</summary>
public sealed class ScanStatistics
{
    private long documents;
    private long documentsRead;
    private long writes;
    private long written;
    private long? largestDocument;
    private readonly List<string> remarks = [];
    private readonly SortedSet<string> leftOut = new(StringComparer.Ordinal);
    private readonly SortedSet<string> partlyLeftOut = new(StringComparer.Ordinal);
    private readonly SortedSet<string> missed = new(StringComparer.Ordinal);

    /// <summary>Documents looked at.</summary>
    public long Documents => Interlocked.Read(ref documents);

    /// <summary>Documents whose leaves were read.</summary>
    public long DocumentsRead => Interlocked.Read(ref documentsRead);

    /// <summary>The update sequence from which the scan started, when the store has one.</summary>
    public string? SinceSequence { get; set; }

    /// <summary>The update sequence from which a scan that was cut goes on; null: from <see cref="SinceSequence"/>.</summary>
    public string? ResumeSequence { get; set; }

    /// <summary>The document at which a pass over bodies that was cut goes on; null: at the first.</summary>
    public string? ResumeDocument { get; set; }

    /// <summary>The update sequence that was reached.</summary>
    public string? LastSequence { get; set; }

    /// <summary>Told of every document that the feed of changes lists; null: nobody wants to know.</summary>
    internal Action<string>? Listed { get; set; }

    /// <summary>How far the feed of changes was handed on; null: nowhere yet.</summary>
    public ScanReach? Reached { get; set; }

    /// <summary>How often a document was written, on the average; null when the scan does not see it.</summary>
    public double? AverageRevisions => written == 0 ? null : (double)writes / written;

    /// <summary>Bytes of the largest body; null when bodies were not read.</summary>
    public long? LargestDocument => largestDocument;

    /// <summary>Counts how often documents that are not deleted were written.</summary>
    public void AddWrites(long documents, long times) => (written, writes) = (written + documents, writes + times);

    /// <summary>Notes the length of a body.</summary>
    public void AddBody(long bytes) => largestDocument = Math.Max(largestDocument ?? 0, bytes);

    /// <summary>Takes what another pass over the same store has seen besides.</summary>
    public void Join(ScanStatistics other)
    {
        partlyLeftOut.UnionWith(other.partlyLeftOut);
        missed.UnionWith(other.missed);
        remarks.AddRange(other.remarks);
        largestDocument = other.largestDocument ?? largestDocument;
        if (written == 0)
        {
            (written, writes) = (other.written, other.writes);
        }
    }

    /// <summary>Where an incremental scan can go on, when the store can tell; set at the end.</summary>
    public ScanCheckpoint? Checkpoint { get; set; }

    /// <summary>This process's share in a scan that several have made; set at the end.</summary>
    public ScanShare? Share { get; set; }

    /// <summary>What is to be known about the result, in whole sentences.</summary>
    public IReadOnlyList<string> Remarks => remarks;

    /// <summary>Codes that were asked for and that this scan did not look for.</summary>
    public IReadOnlyCollection<string> LeftOut => leftOut;

    /// <summary>Codes that it looked for, but not everywhere: part of the store could not be read, or not be held against what it should be.</summary>
    public IReadOnlyCollection<string> PartlyLeftOut => partlyLeftOut;

    /// <summary>Codes that another scan finds in documents which are not changed until then: this one did not look for them in each.</summary>
    public IReadOnlyCollection<string> Missed => missed;

    /// <summary>Notes <see cref="Missed"/> codes.</summary>
    public void Miss(IEnumerable<string> codes) => missed.UnionWith(codes);

    /// <summary>Adds a remark.</summary>
    public void Remark(string sentence) => remarks.Add(sentence);

    /// <summary>Notes codes that were asked for and that this scan does not look for: nowhere, or not everywhere. What it does not find of these may still be there.</summary>
    public void LeaveOut(IEnumerable<string> codes, bool partly = false) => (partly ? partlyLeftOut : leftOut).UnionWith(codes);

    /// <summary>Counts documents looked at.</summary>
    public void AddDocuments(long count) => Interlocked.Add(ref documents, count);

    /// <summary>Counts documents whose leaves were read.</summary>
    public void AddDocumentsRead(long count) => Interlocked.Add(ref documentsRead, count);
}
