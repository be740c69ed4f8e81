using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>
/// Writes one new revision under <see cref="KeepRevision"/>, then tombstones under the others. The first write names the
/// revision that it replaces, always, even when the body stays as it is: it is the compare-and-swap that keeps two executors,
/// each of which would keep another leaf, from deleting both.
/// </summary>
public sealed record ResolveConflictAction : RepairAction
{
    /// <summary>The leaf that goes on. A deleted one means that the deletion is accepted.</summary>
    public required string KeepRevision { get; init; }

    /// <summary>True when the revision that is written is a tombstone: the document goes, since what it held stands in another one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Delete { get; init; }

    /// <summary>The body it gets, without <c>_id</c>, <c>_rev</c> and <c>_attachments</c>; null: the body that it has.</summary>
    public RawJson? Body { get; init; }

    /// <summary>SHA-256 (hex) over the canonical form of the body after the operation, by which a resumed run knows its own write.</summary>
    public string? ResultDigest { get; init; }

    /// <summary>The attachments it gets, by which a run knows its own write as it does by the body; null, of a tombstone: those that it has.</summary>
    public IReadOnlyList<AttachmentChoice>? Attachments { get; init => field = Indexable.Of(value); }

    /// <summary>Live leaves that get a tombstone.</summary>
    public required IReadOnlyList<string> RemoveRevisions { get; init => field = Indexable.Of(value); }

    /// <summary>Deleted leaves that get one more tombstone, so that the decision shows in the tree and no scan finds it again.</summary>
    public IReadOnlyList<string> CloseRevisions { get; init => field = Indexable.Of(value); } = [];
}
