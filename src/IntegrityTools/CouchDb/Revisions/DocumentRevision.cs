using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Revisions;

/// <summary>One revision of one document with its body and its path to the root.</summary>
public sealed record DocumentRevision
{
    /// <summary>The document's id.</summary>
    public required string Id { get; init; }

    /// <summary>The revision.</summary>
    public required RevisionId Revision { get; init; }

    /// <summary>True for a tombstone.</summary>
    public bool Deleted { get; init; }

    /// <summary>
    /// The whole document as the store returned it: a JSON object with <c>_id</c>, <c>_rev</c>, <c>_revisions</c>,
    /// <c>_attachments</c> and so on among the user's members, byte for byte.
    /// </summary>
    public required RawJson Body { get; init; }

    /// <summary>This revision and its ancestors, newest first, as far as the store remembers. Never empty.</summary>
    public required IReadOnlyList<RevisionId> History { get; init; }

    /// <summary>Its attachments, in the order of the document.</summary>
    public IReadOnlyList<AttachmentInfo> Attachments { get; init; } = [];

    /// <summary>The data of large attachments, by their names; in <see cref="Body"/> stands <c>"follows":true</c> in its place.</summary>
    internal IReadOnlyDictionary<string, HeldAttachment> Held { get; init; } = HeldAttachment.None;

    /// <summary>The revision it was made from; null for a first one or where the history is cut.</summary>
    public RevisionId? Parent => History.Count > 1 ? History[1] : null;

    /// <summary>Frees the data that is held outside memory; what shares it can no longer be written.</summary>
    internal void Release() => HeldAttachment.Release(Held);
}
