namespace IntegrityTools.CouchDb.Sharing;

/// <summary>A worker's word that it does a part.</summary>
/// <param name="Part">The part's number.</param>
/// <param name="Turn">How many workers have had it before, and this one: whoever takes it over has a higher one, and the lower one gives way.</param>
internal sealed record SharedClaim(int Part, int Turn);
