namespace IntegrityTools.CouchDb.Sharing;

/// <summary>A part that a worker does.</summary>
/// <param name="Claim">Its word.</param>
/// <param name="Part">The part.</param>
/// <param name="CalledOff">Cancelled when another has taken it over.</param>
internal sealed record SharedWork(SharedClaim Claim, SharedPart Part, CancellationToken CalledOff)
{
    /// <summary>Codes that were not looked for in every document of the part; known when it is done.</summary>
    public IReadOnlyCollection<string> Missed { get; init; } = [];
}
