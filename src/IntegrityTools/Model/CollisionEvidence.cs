namespace IntegrityTools.Model;

/// <summary>Evidence of an id that a store lists more than once.</summary>
public sealed record CollisionEvidence : IssueEvidence
{
    /// <summary>The revision of the row that repeats the id.</summary>
    public required string Revision { get; init; }

    /// <summary>What each copy of each shard holds under the id; empty when the server did not tell, which takes an admin of it.</summary>
    public IReadOnlyList<ShardCopy> Copies { get; init => field = Indexable.Of(value); } = [];
}
