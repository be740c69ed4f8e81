namespace IntegrityTools.Model;

/// <summary>What one copy of one shard holds under an id.</summary>
/// <param name="Range">The shard's range of hashes.</param>
/// <param name="Node">The node that has the copy.</param>
/// <param name="Belongs">True for the range to which the id belongs.</param>
/// <param name="Revision">The revision of the document there; null when it has none.</param>
/// <param name="Reason">Why there is none: it is not there, or could not be read.</param>
public sealed record ShardCopy(string Range, string Node, bool Belongs, string? Revision, string? Reason);
