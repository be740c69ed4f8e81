namespace IntegrityTools.Model;

/// <summary>One leaf as a precondition names it.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Deleted">True for a tombstone.</param>
public sealed record LeafState(string Revision, bool Deleted);
