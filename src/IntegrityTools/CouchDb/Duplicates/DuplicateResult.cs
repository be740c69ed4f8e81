using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>What merging several documents of one thing comes to.</summary>
internal sealed record DuplicateResult
{
    /// <summary>The body of the one that stays.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>Its attachments; null: those that it has.</summary>
    public IReadOnlyList<AttachmentChoice>? Attachments { get; init; }

    /// <summary>Values that are not kept.</summary>
    public required IReadOnlyList<DiscardedEdit> Discarded { get; init; }

    /// <summary>True when one of them is more than another spelling of the key.</summary>
    public required bool Loses { get; init; }

    /// <summary>Paths at which the documents differ and no rule decides.</summary>
    public required IReadOnlyList<string> Undecided { get; init; }

    /// <summary>Rules that decided, by path.</summary>
    public required IReadOnlyDictionary<string, string> Sources { get; init; }
}
