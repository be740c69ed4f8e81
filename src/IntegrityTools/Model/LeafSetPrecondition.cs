namespace IntegrityTools.Model;

/// <summary>The document must have exactly these leaves, deleted ones included.</summary>
/// <param name="Leaves">The leaves, ordered by generation and hash descending.</param>
public sealed record LeafSetPrecondition(IReadOnlyList<LeafState> Leaves) : Precondition;
