using System.Runtime.InteropServices;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>The operations of one group of duplicates: what stays, what refers to them, what goes.</summary>
/// <param name="rewrite">Turns references.</param>
/// <param name="resolution">Where a document's type stands.</param>
/// <param name="survivors">By the id of each document that goes, the one that stays.</param>
/// <param name="group">The group's id.</param>
internal sealed class DuplicateOperations(ReferenceRewrite rewrite, ResolutionSettings resolution, IReadOnlyDictionary<string, string> survivors, string group)
{
    /// <summary>A body with its references turned to what stays; null when none has to be.</summary>
    public RawJson? Turned(string id, JsonElement body) => rewrite.Apply(id, DocumentTypes.Of(body, resolution.TypeFields), body, survivors);

    /// <summary>A body as it is.</summary>
    public static RawJson Own(JsonElement body) => new(JsonMarshal.GetRawUtf8Value(body).ToArray());

    /// <summary>The document that stays takes the others in.</summary>
    public RepairOperation Keep(IntegrityIssue issue, List<LeafSet> members, DuplicateResult result, string why)
    {
        var survivor = members[0];
        var before = DocumentFields.Own(survivor.Winner.Body);
        var body = Turned(survivor.Id, result.Body) ?? Own(result.Body);
        var others = string.Join(", ", members.Skip(1).Select(member => member.Id));
        return Operation(issue, OperationTypes.MergeDuplicates, survivor, before, body, 1, result.Loses ? Risk.High : Risk.Medium) with
        {
            Reason = $"{survivor.Id} stays: {why}. It takes in {others}.",
            Discarded = result.Discarded,
            Changes =
            [
                .. FieldDifferences.Between(before, DocumentFields.Parse(body.Utf8)).Select(change => new FieldChange(
                    change.Path.ToString(), Display.Of(change.Old), Display.Of(change.New), result.Sources.GetValueOrDefault(change.Path.ToString()) ?? Codes.Of(Strategy.Merge))),
                .. (result.Attachments ?? []).Where(choice => choice.FromDocument is not null)
                    .Select(choice => new FieldChange(FieldPath.Attachment(choice.Name).ToString(), null, choice.Digest, choice.FromDocument)),
            ],
            Action = new ResolveConflictAction
            {
                KeepRevision = survivor.Winner.Revision.ToString(),
                Body = body,
                ResultDigest = DocumentText.Digest(body),
                Attachments = result.Attachments ?? AttachmentIdentity.Own(survivor.Winner),
                RemoveRevisions = [],
            },
        };
    }

    /// <summary>A document that refers to one that goes refers to the one that stays.</summary>
    public RepairOperation Turn(IntegrityIssue issue, LeafSet referrer)
    {
        var before = DocumentFields.Own(referrer.Winner.Body);
        var body = Turned(referrer.Id, before) ?? Own(before);
        return Operation(issue, OperationTypes.FixReference, referrer, before, body, 2, Risk.Medium) with
        {
            DocumentType = DocumentFields.TypeOf(before, resolution),
            Reason = "It refers to a document that is merged into another one: it is made to refer to that.",
            Action = new ResolveConflictAction
            {
                KeepRevision = referrer.Winner.Revision.ToString(),
                Body = body,
                ResultDigest = DocumentText.Digest(body),
                Attachments = AttachmentIdentity.Own(referrer.Winner),
                RemoveRevisions = [],
            },
        };
    }

    /// <summary>A document that was taken in goes, with a tombstone that says where it is.</summary>
    public RepairOperation Remove(IntegrityIssue issue, LeafSet member, string survivor)
    {
        var before = DocumentFields.Own(member.Winner.Body);
        var tombstone = RawJson.FromText($"{{\"{DuplicateProposals.SurvivorMember}\":{JsonSerializer.Serialize(survivor, TextJson.Default.String)}}}");
        return Operation(issue, OperationTypes.DeleteDuplicate, member, before, tombstone, 3, Risk.Medium) with
        {
            Reason = $"What it holds stands in {survivor}. Its tombstone says so.",
            NewValue = null,
            Changes = [],
            Action = new ResolveConflictAction
            {
                KeepRevision = member.Winner.Revision.ToString(),
                Delete = true,
                Body = tombstone,
                ResultDigest = DocumentText.Digest(tombstone),
                RemoveRevisions = [],
            },
        };
    }

    private RepairOperation Operation(IntegrityIssue issue, string type, LeafSet set, JsonElement before, RawJson after, int step, Risk risk) =>
        RepairOperation.ForReview(issue, type, LeafSets.Precondition(set), string.Empty) with
        {
            Subject = set.Id,
            Group = group,
            Step = step,
            Risk = risk,
            Strategy = Strategy.Merge,
            NeedsReview = false,
            OldValue = OperationDraft.Shown(before),
            NewValue = OperationDraft.Shown(DocumentFields.Parse(after.Utf8)),
            Changes = [.. FieldDifferences.Between(before, DocumentFields.Parse(after.Utf8))
                .Select(change => new FieldChange(change.Path.ToString(), Display.Of(change.Old), Display.Of(change.New), $"rule:{type}"))],
        };
}
