namespace IntegrityTools.Model;

/// <summary>What became of a document that an application wrote.</summary>
public sealed record DocumentSave
{
    /// <summary>The document's id.</summary>
    public required string Id { get; init; }

    /// <summary>The revision that stands now.</summary>
    public required string Revision { get; init; }

    /// <summary>How often it was sent: 1 when nobody wrote at the same time.</summary>
    public required int Attempts { get; init; }

    /// <summary>True when somebody else had written meanwhile, and both edits are in what stands now.</summary>
    public required bool Merged { get; init; }

    /// <summary>The user's members as they stand now, byte for byte as they were written.</summary>
    public required RawJson Document { get; init; }

    /// <summary>Values that a configured rule or strategy passed over; empty when every edit is kept.</summary>
    public IReadOnlyList<DiscardedEdit> Discarded { get; init => field = Indexable.Of(value); } = [];
}
