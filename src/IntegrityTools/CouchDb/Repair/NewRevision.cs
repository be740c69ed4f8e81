using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>A revision to be written under a leaf that it names: the write is refused when that leaf has gone on.</summary>
/// <param name="Parent">The leaf that it replaces.</param>
/// <param name="Deleted">True for a tombstone.</param>
/// <param name="Body">A JSON object; CouchDB's own members in it are passed over.</param>
/// <param name="Attachments">The raw <c>_attachments</c> object: stubs of the parent's, inline data, or the names of <see cref="Held"/>; null for none.</param>
internal sealed record NewRevision(DocumentRevision Parent, bool Deleted, RawJson Body, RawJson? Attachments)
{
    private static readonly RawJson Nothing = RawJson.FromText("{}");

    /// <summary>The data of large attachments, by their names.</summary>
    public IReadOnlyDictionary<string, HeldAttachment> Held { get; init; } = HeldAttachment.None;

    /// <summary>True for a revision that is stored as it is, with its own name and history, beside whatever stands there.</summary>
    public bool IsWhole { get; private init; }

    /// <summary>True when no leaf of the document is live: CouchDB then takes a new revision without the name of the tombstone that it replaces, and refuses one with it.</summary>
    public bool Revives { get; init; }

    /// <summary>True for a tombstone without a body.</summary>
    public bool IsBareTombstone => Deleted && Attachments is null && Body.Utf8.Length == Nothing.Utf8.Length;

    /// <summary>Frees the data that is held outside memory, once it was written.</summary>
    public void Release() => HeldAttachment.Release(Held);

    /// <summary>A saved revision as it was.</summary>
    public static NewRevision Whole(DocumentRevision saved) => new(saved, saved.Deleted, saved.Body, null) { IsWhole = true, Held = saved.Held };

    /// <summary>A tombstone without a body.</summary>
    public static NewRevision Tombstone(DocumentRevision parent) => new(parent, true, Nothing, null);
}
