using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>Documents that are read in one request.</summary>
/// <param name="size">How many there will be at most.</param>
internal sealed class CandidateBatch(int size)
{
    /// <summary>Their ids.</summary>
    public List<string> Ids { get; } = new(size);

    /// <summary>How far the feed was when the batch was begun: what it listed before is in other batches.</summary>
    public ScanReach? Before { get; set; }

    /// <summary>True when all that there is to find in it was given out.</summary>
    public bool Done { get; set; }
}
