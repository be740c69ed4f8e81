using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>
/// Chooses which of several documents of one thing stays, and makes one body of all of them by the rules that merge conflicts. They have no
/// common ancestor: what only one of them has is taken, and where two differ a rule decides or nobody does.
/// </summary>
internal sealed class DuplicateMerge(ResolutionSettings resolution)
{
    /// <summary>The documents in the order in which they would stay: the one that most refer to, then the oldest, then the one with the most edits, then by id.</summary>
    /// <param name="members">The documents.</param>
    /// <param name="references">How many other documents refer to each.</param>
    /// <param name="why">Which of these told.</param>
    public List<LeafSet> Order(IReadOnlyList<LeafSet> members, Func<string, int> references, out string why)
    {
        var created = members.ToDictionary(member => member.Id, Created, StringComparer.Ordinal);
        var dated = created.Values.All(moment => moment is not null);
        var ordered = members
            .OrderByDescending(member => references(member.Id))
            .ThenBy(member => dated ? created[member.Id] : null)
            .ThenByDescending(member => member.Winner.Revision.Generation)
            .ThenBy(member => member.Id, StringComparer.Ordinal)
            .ToList();
        var (first, second) = (ordered[0], ordered[1]);
        var count = references(first.Id);
        why = count != references(second.Id) ? string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "document refers" : "documents refer")} to it, the most")
            : dated && created[first.Id] != created[second.Id] ? $"it is the oldest, of {created[first.Id]:yyyy-MM-ddTHH:mm:ss.FFFFFFFZ}"
            : first.Winner.Revision.Generation != second.Winner.Revision.Generation ? "nothing else tells them apart, and it was edited most often"
            : "nothing tells them apart but the id";
        return ordered;
    }

    /// <summary>Merges documents into the first of them.</summary>
    /// <param name="rule">The rule by which they are one.</param>
    /// <param name="members">The documents, the one that stays first.</param>
    /// <param name="firstWins">True when a person chose the first: where two differ and no rule decides, it counts, and the others' values are named.</param>
    public DuplicateResult Merge(IdentityRule rule, IReadOnlyList<LeafSet> members, bool firstWins)
    {
        var survivor = members[0].Winner;
        var own = DocumentFields.Own(survivor.Body);
        var discarded = new List<DiscardedEdit>();
        var spellings = 0;
        var undecided = new HashSet<string>(StringComparer.Ordinal);
        var merge = new DocumentMerge(new MergeRules(resolution, DocumentFields.TypeOf(own, resolution)));
        var attachments = survivor.Attachments.ToDictionary(
            attachment => attachment.Name, attachment => new AttachmentChoice(attachment.Name, survivor.Revision.ToString(), attachment.Digest), StringComparer.Ordinal);
        var types = survivor.Attachments.ToDictionary(attachment => attachment.Name, attachment => attachment.ContentType, StringComparer.Ordinal);
        var result = Version(survivor, own);
        foreach (var other in members.Skip(1).Select(member => member.Winner))
        {
            var (named, open) = (merge.Discarded.Count, merge.Undecided.Count);
            var body = DocumentFields.Own(other.Body);
            var kept = result.Body;
            var before = discarded.Count;
            var aligned = Align(rule, survivor.Id, ref kept, other, body, discarded);
            spellings += discarded.Count - before;
            result = merge.Merge(null, result.With(kept, result.Attachments, result.Authors, result.Forks), Version(other, aligned));
            discarded.AddRange(merge.Discarded.Skip(named).Select(edit => edit with { Why = $"{edit.Why} (merging '{other.Id}')" }));
            foreach (var path in merge.Undecided.Skip(open))
            {
                undecided.Add(path);
                discarded.AddRange(firstWins ? [Lost(other, path, body)] : []);
            }

            foreach (var attachment in other.Attachments)
            {
                if (attachments.TryAdd(attachment.Name, new AttachmentChoice(attachment.Name, other.Revision.ToString(), attachment.Digest) { FromDocument = other.Id }))
                {
                    types.Add(attachment.Name, attachment.ContentType);
                }
                else if (attachment.Digest is null || attachments[attachment.Name].Digest != attachment.Digest || types[attachment.Name] != attachment.ContentType)
                {
                    var path = FieldPath.Attachment(attachment.Name).ToString();
                    undecided.Add(path);
                    discarded.AddRange(firstWins ? [new DiscardedEdit(other.Revision.ToString(), path, attachment.Digest, Chosen(other))] : []);
                }
            }
        }

        return new DuplicateResult
        {
            Body = result.Body,
            Attachments = attachments.Count > survivor.Attachments.Count ? [.. attachments.Values] : null,
            Discarded = discarded,
            Loses = discarded.Count > spellings,
            Undecided = firstWins ? [] : [.. undecided],
            Sources = merge.DecidedBy,
        };
    }

    private DateTimeOffset? Created(LeafSet member)
    {
        using var body = member.Winner.Body.Parse();
        return Timestamps.Of(body.RootElement, resolution.AgeFields)?.Value;
    }

    // Attachments are chosen here, by document: the merge knows them by revision, and two documents may have the same.
    private MergeVersion Version(DocumentRevision revision, JsonElement body) => MergeVersion.Of(revision with { Attachments = [] }, body, resolution);

    /// <summary>
    /// The other's body without what has to differ: its key where it is only spelled in another way, what names the document itself, and the
    /// time when it was made, of which the earliest stays.
    /// </summary>
    private JsonElement Align(IdentityRule rule, string id, ref JsonElement kept, DocumentRevision other, JsonElement body, List<DiscardedEdit> discarded)
    {
        var edits = new BodyEdits();
        foreach (var field in rule.Fields)
        {
            if (Differ(kept, body, field, out _, out var theirs))
            {
                edits.Remove(Path(field));
                discarded.Add(new DiscardedEdit(other.Revision.ToString(), field, Display.Of(theirs), $"'{other.Id}' spells the key in another way"));
            }
        }

        foreach (var member in body.EnumerateObject().Where(member => Is(member.Value, other.Id)))
        {
            var name = JsonEquality.Name(member);
            if (!rule.Fields.Contains(name, StringComparer.Ordinal) && DocumentFields.Member(kept, name) is { } mine && Is(mine, id))
            {
                edits.Remove(FieldPath.Root.Member(name));
            }
        }

        var earliest = new BodyEdits();
        foreach (var field in resolution.AgeFields.Except(rule.Fields, StringComparer.Ordinal))
        {
            if (Differ(kept, body, field, out var mine, out var theirs) && Timestamps.Read(mine) is { } here && Timestamps.Read(theirs) is { } there)
            {
                edits.Remove(Path(field));
                if (there < here)
                {
                    earliest.Replace(Path(field), new RawJson(JsonMarshal.GetRawUtf8Value(theirs).ToArray()));
                }
            }
        }

        kept = earliest.IsEmpty ? kept : DocumentFields.Parse(earliest.Apply(kept).Utf8);
        return edits.IsEmpty ? body : DocumentFields.Parse(edits.Apply(body).Utf8);
    }

    private static bool Differ(JsonElement kept, JsonElement other, string field, out JsonElement mine, out JsonElement theirs)
    {
        var (one, two) = (DocumentFields.Find(kept, field), DocumentFields.Find(other, field));
        (mine, theirs) = (one ?? default, two ?? default);
        return one is not null && two is not null && !JsonEquality.Equal(mine, theirs);
    }

    private static bool Is(JsonElement value, string id) => value.ValueKind == JsonValueKind.String && JsonEquality.Text(value) == id;

    private static FieldPath Path(string field) => FieldPath.Names(field).Aggregate(FieldPath.Root, (path, name) => path.Member(name));

    private static DiscardedEdit Lost(DocumentRevision other, string path, JsonElement body) =>
        new(other.Revision.ToString(), path, Display.Of(DocumentFields.Find(body, path)), Chosen(other));

    private static string Chosen(DocumentRevision other) => $"another document was chosen by hand (merging '{other.Id}')";
}
