using System.Runtime.InteropServices;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>Writes a decision as an operation: what the store must look like, what is done, what changes for a reader.</summary>
internal static class OperationDraft
{
    private const int LongestValue = 64 * 1024;

    // Enough to choose by; the bodies are in the store.
    private const int MostChanges = 20;

    /// <summary>Drafts the operation.</summary>
    public static RepairOperation Of(
        IntegrityIssue issue, ConflictCase conflict, RepairPolicy policy, Decision decision, IReadOnlyList<DocumentRevision> contested)
    {
        var settings = policy.Resolution;
        var winner = MergeVersion.Of(conflict.Leaves.Winner, settings);
        var kept = decision.Keep is { Deleted: false } leaf ? MergeVersion.Of(leaf, settings) : null;
        var body = decision.Body ?? kept?.Body;
        var attachments = decision.Attachments ?? kept?.Attachments;
        var bound = decision.Keep is null || decision.ByHand ? null : Bound(issue, policy, decision.Risk);
        var review = decision.Keep is null || bound is not null;
        return new RepairOperation
        {
            Type = decision.Duplicate ? OperationTypes.DeleteDuplicate : OperationTypes.ResolveConflict,
            IssueId = issue.Id,
            IssueType = issue.Type,
            Severity = issue.Severity,
            Subject = conflict.Leaves.Id,
            DocumentType = issue.DocumentType ?? DocumentFields.TypeOf(winner.Body, settings),
            Risk = decision.Risk,
            Strategy = decision.Strategy,
            Reason = bound is null ? decision.Reason : $"{decision.Reason} {bound}",
            NeedsReview = review,
            Precondition = new LeafSetPrecondition(
                [.. conflict.Leaves.Leaves.OrderByDescending(item => item.Revision).Select(item => new LeafState(item.Revision.ToString(), item.Deleted))]),
            Action = review ? null : Action(conflict, decision, kept, contested),
            OldValue = conflict.Leaves.Winner.Deleted ? null : Shown(winner.Body),
            NewValue = body is { } value ? Shown(value) : null,
            Changes = decision.Keep is null ? [] : [.. Changes(winner, body, attachments, decision)],
            Discarded = decision.Discarded,
            UndecidedFields = decision.Undecided,
            Choices = review ? [.. Choices(issue, conflict, settings, winner, decision.Undecided)] : [],
        };
    }

    private static ResolveConflictAction Action(
        ConflictCase conflict, Decision decision, MergeVersion? kept, IReadOnlyList<DocumentRevision> contested)
    {
        var chosen = decision.Keep!;
        var sameBody = decision.Body is not { } body || JsonMarshal.GetRawUtf8Value(body).SequenceEqual(JsonMarshal.GetRawUtf8Value(kept!.Body));

        // Those that stay are named, too: by them a run knows its own write from that of somebody who changed an attachment alone.
        var attachments = decision.Attachments ?? kept?.Attachments;
        return new ResolveConflictAction
        {
            KeepRevision = chosen.Revision.ToString(),
            Body = sameBody ? null : Raw(decision.Body!.Value),
            Attachments = attachments is null ? null : [.. attachments.Select(item => new AttachmentChoice(item.Key, item.Value.Author.Revision.ToString(), item.Value.Info.Digest))],
            RemoveRevisions = [.. conflict.Leaves.Live.Where(leaf => leaf.Revision != chosen.Revision).Select(leaf => leaf.Revision.ToString())],
            CloseRevisions = chosen.Deleted ? [] : [.. contested.Select(leaf => leaf.Revision.ToString())],
        };
    }

    /// <summary>Why a bound leaves the operation to a person; null: none does.</summary>
    public static string? Bound(IntegrityIssue issue, RepairPolicy policy, Risk risk) =>
        (policy.MaximumSeverity ?? policy.Resolution.MaxSeverity) is { } severity && issue.Severity > severity
            ? $"Left to a person: its severity {Codes.Of(issue.Severity)} is above the bound {Codes.Of(severity)}."
            : (policy.MaximumRisk ?? policy.Resolution.MaxRisk) is { } bound && risk > bound
                ? $"Left to a person: its risk {Codes.Of(risk)} is above the bound {Codes.Of(bound)}."
                : null;

    private static IEnumerable<FieldChange> Changes(
        MergeVersion winner, JsonElement? body, IReadOnlyDictionary<string, AuthoredAttachment>? attachments, Decision decision)
    {
        var after = body ?? DocumentFields.Parse("{}"u8.ToArray());
        foreach (var (path, old, now) in FieldDifferences.Between(winner.Body, after))
        {
            yield return new FieldChange(path.ToString(), Display.Of(old), Display.Of(now), SourceOf(path, decision));
        }

        foreach (var name in winner.Attachments.Keys.Union(attachments?.Keys ?? [], StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (old, now) = (winner.Attachments.GetValueOrDefault(name), attachments?.GetValueOrDefault(name));
            if (old is null || !old.Same(now))
            {
                yield return new FieldChange(FieldPath.Attachment(name).ToString(), old?.Info.Digest, now?.Info.Digest, now?.Author.Revision.ToString());
            }
        }
    }

    private static string? SourceOf(FieldPath path, Decision decision)
    {
        for (var at = path; at is not null; at = at.Parent)
        {
            if (decision.Source(at.ToString()) is { } source)
            {
                return source;
            }
        }

        return decision.Body is null ? null : Codes.Of(Strategy.Merge);
    }

    private static IEnumerable<LeafEvidence> Choices(
        IntegrityIssue issue, ConflictCase conflict, ResolutionSettings settings, MergeVersion winner, IReadOnlyList<string> undecided)
    {
        var choices = issue.Evidence is ConflictEvidence evidence && evidence.Leaves.Count == conflict.Leaves.Leaves.Count
            ? evidence.Leaves
            : conflict.Leaves.Leaves.Select(leaf => Choice(leaf, settings, winner));
        var leaves = conflict.Leaves.Leaves.ToDictionary(leaf => leaf.Revision.ToString(), StringComparer.Ordinal);
        return choices.Select(choice => choice.Deleted || !leaves.TryGetValue(choice.Revision, out var leaf)
            ? choice
            : choice with { Changes = [.. Differences(winner, leaf, undecided).Take(MostChanges)] });
    }

    private static List<FieldChange> Differences(MergeVersion winner, DocumentRevision leaf, IReadOnlyList<string> undecided)
    {
        var all = FieldDifferences.Between(winner.Body, DocumentFields.Own(leaf.Body))
            .Select(difference => new FieldChange(difference.Path.ToString(), Display.Of(difference.Old), Display.Of(difference.New), leaf.Revision.ToString())).ToList();
        var colliding = all.FindAll(change => undecided.Contains(change.Path, StringComparer.Ordinal));
        return colliding.Count > 0 ? colliding : all;
    }

    private static LeafEvidence Choice(DocumentRevision leaf, ResolutionSettings settings, MergeVersion winner)
    {
        var stamp = Timestamps.Of(leaf.Body, settings);
        return new LeafEvidence
        {
            Revision = leaf.Revision.ToString(),
            Generation = leaf.Revision.Generation,
            Deleted = leaf.Deleted,
            Timestamp = stamp?.Value,
            TimestampField = stamp?.Field,
            BodyLength = leaf.Body.Utf8.Length,
            Attachments = leaf.Attachments,
            ChangedFields = [.. FieldDifferences.Between(winner.Body, DocumentFields.Own(leaf.Body)).Select(difference => difference.Path.ToString())],
        };
    }

    /// <summary>A body as a plan shows it; null past 64 KiB.</summary>
    public static RawJson? Shown(JsonElement body) =>
        JsonMarshal.GetRawUtf8Value(body).Length <= LongestValue ? Raw(body) : null;

    private static RawJson Raw(JsonElement body) => new(JsonMarshal.GetRawUtf8Value(body).ToArray());
}
