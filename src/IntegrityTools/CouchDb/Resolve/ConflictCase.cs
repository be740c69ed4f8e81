using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>All that is needed to decide one document's conflict: its leaves and the ancestors whose bodies are still there.</summary>
/// <param name="Leaves">Every leaf, deleted ones included.</param>
/// <param name="Ancestors">Bodies of common ancestors, by revision; those that the store no longer has are absent.</param>
public sealed record ConflictCase(LeafSet Leaves, IReadOnlyDictionary<RevisionId, DocumentRevision> Ancestors)
{
    /// <summary>True when a body is nested too deeply to be compared.</summary>
    internal bool IsDeep => Leaves.Leaves.Concat(Ancestors.Values).Any(revision => DeepDocument.Is(revision.Body.Utf8));
}
