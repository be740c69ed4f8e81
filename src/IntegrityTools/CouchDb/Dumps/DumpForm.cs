namespace IntegrityTools.CouchDb.Dumps;

/// <summary>How a dump is written.</summary>
internal sealed record DumpForm
{
    /// <summary>Documents a line.</summary>
    public int BatchSize { get; init; } = 100;

    /// <summary>True for gzip; a member ends at a checkpoint, and where data that is compressed already begins or ends.</summary>
    public bool Compress { get; init; }

    /// <summary>The name until it is whole, for a dump that a later run can go on with; null: a name of this process's, removed after a failure.</summary>
    public string? PartialPath { get; init; }

    /// <summary>Where to go on; null: at the start.</summary>
    public DumpCheckpoint? From { get; init; }
}
