using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>Names the edits of other leaves that a result does not hold, so that none gets lost silently. Stamp fields are no edits.</summary>
internal sealed class EditAccount(ConflictCase conflict, MergeVersions versions, MergeRules rules)
{
    private static readonly JsonElement Nothing = DocumentFields.Parse("{}"u8.ToArray());

    /// <summary>True when an edit is lost by keeping one leaf as it is: told at the first one.</summary>
    public bool LosesByKeeping(DocumentRevision kept) =>
        Lost(kept, kept.Deleted ? null : versions.Of(kept), kept.Deleted ? Nothing : null, string.Empty, 1).Count > 0;

    /// <summary>Edits that are lost when one leaf is kept as it is.</summary>
    public List<DiscardedEdit> LostByKeeping(DocumentRevision kept, string why) =>
        Lost(kept, kept.Deleted ? null : versions.Of(kept), kept.Deleted ? Nothing : null, why);

    /// <summary>Edits that are lost when a leaf is given another body.</summary>
    public List<DiscardedEdit> LostByWriting(DocumentRevision kept, JsonElement body, string why) =>
        Lost(kept, versions.Of(kept), body, why);

    private List<DiscardedEdit> Lost(DocumentRevision kept, MergeVersion? result, JsonElement? body, string why, int most = int.MaxValue)
    {
        var lost = new List<DiscardedEdit>();
        var known = kept.History.ToHashSet();
        foreach (var leaf in conflict.Leaves.Live.Where(leaf => body is not null || leaf.Revision != kept.Revision))
        {
            // The kept leaf given another body: its own edits are those since it parted from the nearest other leaf.
            var shared = leaf.Revision == kept.Revision
                ? conflict.Leaves.Leaves.Where(other => other.Revision != leaf.Revision)
                    .Select(other => RevisionForest.Shared(leaf, other)).Max()
                : leaf.History.Where(known.Contains).Select(revision => (RevisionId?)revision).FirstOrDefault();
            var nearest = leaf.History.SkipWhile(revision => revision != shared).Select(conflict.Ancestors.GetValueOrDefault).FirstOrDefault(revision => revision is not null);
            var ancestor = nearest is null ? null : versions.Of(nearest);
            var outer = nearest is not null && nearest.Revision != shared;
            var forks = leaf.History.TakeWhile(revision => revision != shared).Select(conflict.Ancestors.GetValueOrDefault).OfType<DocumentRevision>().Select(versions.Of).ToList();
            var version = versions.Of(leaf);
            var name = leaf.Revision.ToString();
            Collect(new Trio(FieldPath.Root, ancestor is not null, ancestor?.Body, body ?? result!.Body, version.Body, outer), forks, name, why, lost, most);
            if (lost.Count >= most)
            {
                break;
            }

            foreach (var (attachment, mine) in version.Attachments)
            {
                if ((!mine.Same(ancestor?.Attachments.GetValueOrDefault(attachment)) || InnerForks.ChangedBack(forks, attachment, mine)
                        || (outer && result?.Attachments.ContainsKey(attachment) == true))
                    && !mine.Same(result?.Attachments.GetValueOrDefault(attachment))
                    && !(result is not null && leaf.Revision == kept.Revision))
                {
                    lost.Add(new DiscardedEdit(name, FieldPath.Attachment(attachment).ToString(), mine.Info.Digest, why));
                }
            }

            foreach (var removed in result?.Attachments.Keys.Where(key => !version.Attachments.ContainsKey(key)) ?? [])
            {
                if (ancestor?.Attachments.ContainsKey(removed) == true || InnerForks.ChangedBack(forks, removed, null))
                {
                    lost.Add(new DiscardedEdit(name, FieldPath.Attachment(removed).ToString(), null, why));
                }
            }
        }

        return lost;
    }

    private void Collect(Trio at, IReadOnlyList<MergeVersion> forks, string leaf, string why, List<DiscardedEdit> lost, int most)
    {
        var depth = at.Path.Depth;
        var unchanged = at.Tells ? JsonEquality.Equal(at.Base, at.Right, depth) : !at.Known && at.Right is null;
        if (lost.Count >= most || (unchanged && !InnerForks.ChangedBack(forks, at.Path, at.Right)))
        {
            return;
        }

        var survives = JsonEquality.Equal(at.Left, at.Right, depth);
        var rule = depth > 0 ? rules.For(at.Path)?.Kind : null;
        if (rule == MergeRuleKind.Stamp
            || (survives && !rules.AddsUp)
            || (unchanged && at.Right is { ValueKind: JsonValueKind.Number } && rule is MergeRuleKind.Counter or MergeRuleKind.Sum))
        {
            return;
        }

        if (at is { Known: true, Base: { } origin, Left: { ValueKind: JsonValueKind.Object } one, Right: { ValueKind: JsonValueKind.Object } other }
            && depth < JsonEquality.MaximumDescent && MemberPairs.TryPair(one, other, origin, out var trios))
        {
            foreach (var member in trios)
            {
                if (at.Outer || forks.Count > 0 || !member.IsUntouched)
                {
                    var path = at.Path.Member(JsonEquality.Name(member.Property));
                    Collect(at.At(path, member.Base, member.Left, member.Right), forks, leaf, why, lost, most);
                }
            }
        }
        else if (at.Right is { ValueKind: JsonValueKind.Object } right && at.Left is { ValueKind: JsonValueKind.Object } left && depth < JsonEquality.MaximumDescent
            && JsonEquality.Members(right) is { } mine && JsonEquality.Members(left) is { } theirs
            && (at.Base is { ValueKind: JsonValueKind.Object } value ? JsonEquality.Members(value) : []) is { } before)
        {
            foreach (var name in mine.Keys.Union(before.Keys, StringComparer.Ordinal).Union(theirs.Keys, StringComparer.Ordinal))
            {
                Collect(at.At(at.Path.Member(name), Of(before, name), Of(theirs, name), Of(mine, name)), forks, leaf, why, lost, most);
            }
        }
        else if (!survives || rule == MergeRuleKind.Sum || (rule == MergeRuleKind.Counter && at.Tells))
        {
            lost.Add(new DiscardedEdit(leaf, at.Path.ToString(), Display.Of(at.Right), why));
        }
    }

    private static JsonElement? Of(Dictionary<string, JsonProperty> members, string name) =>
        members.TryGetValue(name, out var property) ? property.Value : null;
}
