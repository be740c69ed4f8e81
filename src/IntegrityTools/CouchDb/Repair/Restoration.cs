using System.Buffers;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>The way of one document back to the leaves that it had, read off its present leaves alone.</summary>
internal sealed class Restoration(
    RestoreRevisionsAction action, LeafSetPrecondition before, IReadOnlyDictionary<RevisionRequest, DocumentRevision> saved, LeafSet now)
{
    private readonly Dictionary<string, string> written = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<RevisionId, DocumentRevision>? descent;

    /// <summary>The document's leaves as last read.</summary>
    public LeafSet Now { get; private set; } = now;

    /// <summary>False while the leaves are exactly those of the precondition.</summary>
    public bool IsBegun => !OperationProgress.Matches(before, Now);

    /// <summary>True when every present leaf is the precondition's, or this restoration's own write on top of it.</summary>
    public bool IsExplained
    {
        get
        {
            var explained = before.Leaves.Select(known => known.Revision).ToHashSet(StringComparer.Ordinal);
            explained.UnionWith(action.Leaves.Where(restored => Tip(Root(restored)) is { } tip && Holds(tip, Body(restored.Revision))).Select(restored => Name(Tip(Root(restored))!)));
            explained.UnionWith(action.RemoveRevisions.Select(Tip).OfType<DocumentRevision>().Where(OperationProgress.IsTombstone).Select(Name));
            return Now.Leaves.All(leaf => explained.Contains(Name(leaf))) && before.Leaves.All(known => Grown(known.Revision) is not null);
        }
    }

    /// <summary>True when every leaf is given back and the right one wins.</summary>
    public bool IsDone =>
        action.RemoveRevisions.All(removed => Tip(removed) is { Deleted: true })
        && action.Leaves.All(leaf => Tip(Root(leaf)) is { } tip && (IsWritten(leaf, tip) || leaf.Revision == leaf.UnderRevision) && Holds(tip, Body(leaf.Revision)))
        && (Winner is null || Winner == Now.Winner);

    /// <summary>By how many edits the branch that has to win is behind the one that wins.</summary>
    public int Behind => Winner is { } winner ? Math.Max(0, Now.Winner.Revision.Generation - winner.Revision.Generation) : 0;

    private DocumentRevision? Winner =>
        action.Leaves.FirstOrDefault(leaf => leaf.Revision == action.WinningRevision) is { } winning ? Tip(Root(winning)) : null;

    /// <summary>How far the documents of operations with a <see cref="RestoreRevisionsAction"/> are, in their order; null for one that is gone.</summary>
    public static async Task<IReadOnlyList<Restoration?>> ReadAsync(
        ICouchSource source, ISavedRevisions saved, IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        var bodies = new Dictionary<RevisionRequest, DocumentRevision>();
        foreach (var backup in operations.GroupBy(operation => ((RestoreRevisionsAction)operation.Action!).BackupPath, StringComparer.Ordinal))
        {
            var requests = backup
                .SelectMany(operation => ((RestoreRevisionsAction)operation.Action!).Leaves
                    .Select(leaf => new RevisionRequest(operation.Subject, RevisionId.Parse(leaf.Revision))))
                .ToList();
            foreach (var (request, revision) in await saved.ReadAsync(backup.Key, requests, cancellationToken).ConfigureAwait(false))
            {
                bodies[request] = revision;
            }
        }

        var present = await LeafSets.ReadAsync(source, operations.Select(operation => operation.Subject), cancellationToken).ConfigureAwait(false);
        var restorations = new List<Restoration?>(operations.Count);
        foreach (var operation in operations)
        {
            var restoration = present.TryGetValue(operation.Subject, out var now)
                ? new Restoration((RestoreRevisionsAction)operation.Action!, (LeafSetPrecondition)operation.Precondition, bodies, now)
                : null;
            if (restoration is not null)
            {
                await restoration.RefreshAsync(source, restoration.Now, cancellationToken).ConfigureAwait(false);
            }

            restorations.Add(restoration);
        }

        return restorations;
    }

    /// <summary>What to write next: the leaves not yet given back; then the tombstones; then one more revision on the branch that has to win.</summary>
    public IReadOnlyList<NewRevision> NextWrites()
    {
        var leaves = action.Leaves
            .Where(leaf => leaf.UnderRevision is null ? Tip(leaf.Revision) is null : leaf.Revision != leaf.UnderRevision && Tip(leaf.UnderRevision) is { } tip && !IsWritten(leaf, tip))
            .Select(leaf => leaf.UnderRevision is null ? NewRevision.Whole(Body(leaf.Revision)) : Write(Tip(leaf.UnderRevision)!, Body(leaf.Revision)))
            .ToList();
        if (leaves.Count > 0)
        {
            // The first revision makes the document live again; the others can only then name their tombstones.
            return Now.Live.Any() ? leaves : [(leaves.Find(write => write.Parent == Now.Winner) ?? leaves[0]) with { Revives = true }];
        }

        var tombstones = action.RemoveRevisions.Select(Tip).OfType<DocumentRevision>().Where(tip => !tip.Deleted).Select(NewRevision.Tombstone).ToList();
        return tombstones.Count == 0 && Winner is { } winner && winner != Now.Winner ? [Write(winner, Body(action.WinningRevision!))] : tombstones;
    }

    /// <summary>Notes what was written under a leaf: a database that keeps few revisions (<c>_revs_limit</c>) does not tell for long.</summary>
    public void Wrote(NewRevision write, RevisionId revision)
    {
        if (!write.IsWhole)
        {
            written[write.Parent.Revision.ToString()] = revision.ToString();
        }
    }

    /// <summary>Takes the leaves as read again; attachments with the bytes of the saved ones are recognised whatever their digests.</summary>
    public async Task RefreshAsync(ICouchSource source, LeafSet leaves, CancellationToken cancellationToken)
    {
        (Now, descent) = (leaves, null);
        var known = new Dictionary<string, DocumentRevision>(StringComparer.Ordinal);
        foreach (var leaf in action.Leaves)
        {
            if (Tip(Root(leaf)) is { Deleted: false } tip)
            {
                known[Name(tip)] = await AttachmentIdentity.RecogniseAsync(source, known.GetValueOrDefault(Name(tip), tip), Body(leaf.Revision), cancellationToken).ConfigureAwait(false);
            }
        }

        (Now, descent) = (Now with { Leaves = [.. Now.Leaves.Select(leaf => known.GetValueOrDefault(Name(leaf), leaf))] }, null);
    }

    private static string Name(DocumentRevision leaf) => leaf.Revision.ToString();

    private static bool IsWritten(RestoredLeaf leaf, DocumentRevision tip) => tip.Revision.ToString() != leaf.UnderRevision;

    /// <summary>What names the branch on which a leaf comes back.</summary>
    private static string Root(RestoredLeaf leaf) => leaf.UnderRevision ?? leaf.Revision;

    private static bool Holds(DocumentRevision tip, DocumentRevision body) =>
        !tip.Deleted
        && DocumentText.Digest(tip.Body) == DocumentText.Digest(body.Body)
        && AttachmentIdentity.AreSame(tip, body);

    /// <summary>A document that is deleted takes no child of its tombstone by name: the child is stored as replication does, and what else was written meanwhile shows.</summary>
    private NewRevision Write(DocumentRevision under, DocumentRevision body)
    {
        var child = new NewRevision(under, false, body.Body, AttachmentText.AsNew(DocumentText.AttachmentsOf(body.Body))) { Held = body.Held };
        if (!Now.Winner.Deleted)
        {
            return child;
        }

        var text = new ArrayBufferWriter<byte>(body.Body.Utf8.Length + 256);
        DocumentText.WriteWithHistory(child, DocumentText.NextRevision(child), text);
        return NewRevision.Whole(DocumentReader.Read(text.WrittenMemory, body.Held));
    }

    private DocumentRevision Body(string revision) => saved[new RevisionRequest(Now.Id, RevisionId.Parse(revision))];

    /// <summary>The present leaf that grew from a revision. What made a deleted document live again grew from whichever tombstone the store chose.</summary>
    private DocumentRevision? Tip(string revision)
    {
        var grown = Grown(revision);
        return grown is { Deleted: true } && action.Leaves.Count == 1 && before.Leaves.All(leaf => leaf.Deleted) ? Now.Live.FirstOrDefault() ?? grown : grown;
    }

    private DocumentRevision? Grown(string revision)
    {
        while (written.TryGetValue(revision, out var next))
        {
            revision = next;
        }

        return (descent ??= Now.Descent()).GetValueOrDefault(RevisionId.Parse(revision));
    }
}
