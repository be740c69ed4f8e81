namespace IntegrityTools.Model;

/// <summary>Evidence of a database that holds more than its data on disk: what a compaction would give back.</summary>
public sealed record SizeEvidence : IssueEvidence
{
    /// <summary>Bytes of the database's files.</summary>
    public required long FileSize { get; init; }

    /// <summary>Bytes in them that are in use.</summary>
    public required long ActiveSize { get; init; }

    /// <summary>Bytes of the documents as they are sent, uncompressed; null when the server does not tell.</summary>
    public long? ExternalSize { get; init; }

    /// <summary>Bytes of the view indexes' files, by design document.</summary>
    public IReadOnlyDictionary<string, IndexSize> Indexes { get; init; } = new Dictionary<string, IndexSize>();

    /// <summary>How many revisions of a document the database remembers; null when the server does not tell.</summary>
    public long? RevisionLimit { get; init; }

    /// <summary>How many documents were looked at for old revisions: a few, spread over the ids that there are.</summary>
    public int SampledDocuments { get; init; }

    /// <summary>Old revisions of them whose bodies are still there.</summary>
    public int SampledOldRevisions { get; init; }

    /// <summary>Bytes that a compaction would give back, about.</summary>
    public long Reclaimable => Math.Max(0, FileSize - ActiveSize) + Indexes.Values.Sum(index => Math.Max(0, index.FileSize - index.ActiveSize));
}
