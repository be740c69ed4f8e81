using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>How far a document is on the way from an operation's precondition to its result, read off its leaves alone.</summary>
internal enum OperationStage
{
    /// <summary>The leaves are exactly those of the precondition.</summary>
    Untouched,

    /// <summary>What is kept has been written; something is still to be removed.</summary>
    WinnerWritten,

    /// <summary>Everything is as the operation leaves it.</summary>
    Done,

    /// <summary>The document has gone another way.</summary>
    Stale,
}

/// <summary>A document's stage, and why when it is stale.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Why">Why it is stale.</param>
internal readonly record struct OperationProgress(OperationStage Stage, string? Why)
{
    /// <summary>Reads the stage of a conflict's resolution.</summary>
    /// <param name="action">What the operation does.</param>
    /// <param name="before">The leaves at plan time.</param>
    /// <param name="now">The leaves now; null when the document is gone.</param>
    /// <param name="written">What this run has written, by the leaves that it replaces: a database that keeps few revisions (<c>_revs_limit</c>) does not tell; null: nothing.</param>
    public static OperationProgress Of(
        ResolveConflictAction action, LeafSetPrecondition before, LeafSet? now, IReadOnlyDictionary<string, RevisionId>? written = null)
    {
        if (now is null)
        {
            return Stale("the document is gone");
        }

        if (Matches(before, now))
        {
            return new OperationProgress(OperationStage.Untouched, null);
        }

        var descent = now.Descent();
        var removed = action.RemoveRevisions.Concat(action.CloseRevisions).ToHashSet(StringComparer.Ordinal);
        var explained = new HashSet<string>(StringComparer.Ordinal);
        var remaining = 0;
        foreach (var leaf in before.Leaves)
        {
            var own = written?.GetValueOrDefault(leaf.Revision);
            var successor = now.Leaves.FirstOrDefault(candidate => candidate.Revision == own) ?? descent.GetValueOrDefault(RevisionId.Parse(leaf.Revision));
            if (successor is null)
            {
                return Stale($"leaf {leaf.Revision} is gone, or the database keeps too few revisions (_revs_limit) to tell what grew from it");
            }

            explained.Add(successor.Revision.ToString());
            var untouched = successor.Revision.ToString() == leaf.Revision;
            var child = !untouched && (successor.Revision == own || successor.Parent?.ToString() == leaf.Revision);
            if (leaf.Revision == action.KeepRevision)
            {
                if (!child || successor.Deleted != (leaf.Deleted || action.Delete) || !HasPlannedBody(action, successor) || !HasPlannedAttachments(action, successor, now))
                {
                    return Stale(untouched ? "other leaves were changed since the plan" : $"leaf {leaf.Revision} was edited since the plan");
                }
            }
            else if (removed.Contains(leaf.Revision))
            {
                if (untouched)
                {
                    remaining++;
                }
                else if (!child || !IsTombstone(successor))
                {
                    return Stale($"leaf {leaf.Revision} was edited since the plan");
                }
            }
            else if (!untouched)
            {
                return Stale($"leaf {leaf.Revision} was edited since the plan");
            }
        }

        if (now.Leaves.FirstOrDefault(leaf => !explained.Contains(leaf.Revision.ToString())) is { } unknown)
        {
            return Stale($"leaf {unknown.Revision} is new since the plan");
        }

        return new OperationProgress(remaining > 0 ? OperationStage.WinnerWritten : OperationStage.Done, null);
    }

    /// <summary>True when the leaves are exactly those, deleted ones included.</summary>
    public static bool Matches(LeafSetPrecondition before, LeafSet now) =>
        before.Leaves.Count == now.Leaves.Count
        && before.Leaves.All(leaf => now.Leaves.Any(other => other.Deleted == leaf.Deleted && other.Revision.ToString() == leaf.Revision));

    /// <summary>True for a tombstone as a repair writes it. One with members is somebody else's, who had something to say.</summary>
    public static bool IsTombstone(DocumentRevision leaf) => leaf.Deleted && DocumentText.IsBare(leaf.Body);

    private static bool HasPlannedBody(ResolveConflictAction action, DocumentRevision written) =>
        action.ResultDigest is null || action.ResultDigest == DocumentText.Digest(written.Body);

    // The body's digest leaves attachments out, and a person may have written one meanwhile. A store may give bytes from another leaf a
    // digest of its own (compressed or not), so where digests differ, size and type are compared while that leaf still stands.
    private static bool HasPlannedAttachments(ResolveConflictAction action, DocumentRevision written, LeafSet now)
    {
        if (action.Attachments is not { } choices)
        {
            return true;
        }

        var present = written.Attachments.ToDictionary(attachment => attachment.Name, StringComparer.Ordinal);
        return present.Count == choices.Count && choices.All(choice =>
            present.TryGetValue(choice.Name, out var found)
            && (choice.Digest is null || choice.Digest == found.Digest || choice.FromDocument is not null || (choice.FromRevision != action.KeepRevision && IsCopy(found, choice, now))));
    }

    private static bool IsCopy(AttachmentInfo found, AttachmentChoice choice, LeafSet now) =>
        now.Leaves.FirstOrDefault(leaf => leaf.Revision.ToString() == choice.FromRevision)
            ?.Attachments.FirstOrDefault(attachment => attachment.Name == choice.Name) is not { } origin
        || (origin.Length == found.Length && origin.ContentType == found.ContentType);

    private static OperationProgress Stale(string why) => new(OperationStage.Stale, why);
}
