namespace IntegrityTools.Model;

/// <summary>How far a scan is: all that it has to find before is found. A scan that is cut goes on from there.</summary>
public sealed record ScanPosition
{
    /// <summary>Up to which update sequence, of which database and by which rules, leaves were looked at; null: from the beginning.</summary>
    public ScanCheckpoint? Leaves { get; init; }

    /// <summary>Documents looked at up to there.</summary>
    public long Documents { get; init; }

    /// <summary>True when all leaves were looked at, and only bodies are left.</summary>
    public bool LeavesDone { get; init; }

    /// <summary>The document up to which bodies were looked at, in the order of their ids; null: from the beginning.</summary>
    public string? DocumentId { get; init; }
}
