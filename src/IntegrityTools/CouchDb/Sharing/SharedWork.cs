namespace IntegrityTools.CouchDb.Sharing;

/// <summary>A part that a worker does.</summary>
/// <param name="Claim">Its word.</param>
/// <param name="Part">The part.</param>
/// <param name="CalledOff">Cancelled when another has taken it over.</param>
internal sealed record SharedWork(SharedClaim Claim, SharedPart Part, CancellationToken CalledOff);
