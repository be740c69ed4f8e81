using System.Text.Json;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>What was decided for one document, before it is written as an operation.</summary>
internal sealed record Decision(Strategy Strategy, string Reason)
{
    /// <summary>The leaf that goes on; null: a person has to say.</summary>
    public DocumentRevision? Keep { get; init; }

    /// <summary>The body that it gets; null: the one it has.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>The attachments that it gets; null: those it has.</summary>
    public IReadOnlyDictionary<string, AuthoredAttachment>? Attachments { get; init; }

    /// <summary>Where a changed path's new value comes from.</summary>
    public Func<string, string?> Source { get; init; } = _ => null;

    /// <summary>What it can cost.</summary>
    public Risk Risk { get; init; }

    /// <summary>True when the leaves only repeat each other.</summary>
    public bool Duplicate { get; init; }

    /// <summary>True when a person decided.</summary>
    public bool ByHand { get; init; }

    /// <summary>Edits that are not kept.</summary>
    public IReadOnlyList<DiscardedEdit> Discarded { get; init; } = [];

    /// <summary>Paths that no rule decides.</summary>
    public IReadOnlyList<string> Undecided { get; init; } = [];
}
