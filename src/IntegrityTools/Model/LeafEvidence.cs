namespace IntegrityTools.Model;

/// <summary>One leaf of a revision tree.</summary>
public sealed record LeafEvidence
{
    /// <summary>The revision, such as <c>3-917fa2381192822767f010b95b45325b</c>.</summary>
    public required string Revision { get; init; }

    /// <summary>The number before the dash: how many edits led here.</summary>
    public required int Generation { get; init; }

    /// <summary>True for a tombstone.</summary>
    public bool Deleted { get; init; }

    /// <summary>The moment that the first usable timestamp field gives; null is "not available", never "oldest".</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>The field that <see cref="Timestamp"/> came from.</summary>
    public string? TimestampField { get; init; }

    /// <summary>SHA-256 (hex) over the body's canonical JSON without CouchDB's own fields.</summary>
    public string? BodyDigest { get; init; }

    /// <summary>The body's size in bytes as read.</summary>
    public long BodyLength { get; init; }

    /// <summary>The leaf's attachments.</summary>
    public IReadOnlyList<AttachmentInfo> Attachments { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Paths at which the body differs from the winner's; empty for the winner and for equal bodies.</summary>
    public IReadOnlyList<string> ChangedFields { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Paths at which the body differs from the common ancestor's; null when the ancestor's body is gone.</summary>
    public IReadOnlyList<string>? ChangedSinceAncestor { get; init => field = Indexable.Of(value); }

    /// <summary>Of a choice that a person has: what a reader of the document would see change if this leaf stayed, the undecided fields alone where there are such, at most 20. Null elsewhere.</summary>
    public IReadOnlyList<FieldChange>? Changes { get; init => field = Indexable.Of(value); }
}
