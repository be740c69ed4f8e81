using System.Runtime.InteropServices;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>Turns issues about documents' content into operations, each of which writes one new revision of one document, or leaves it to a person with the reason.</summary>
internal sealed class ContentProposals(ICouchSource source, ResolutionSettings resolution, ValidationSettings validation)
{
    private const int LongestValue = 64 * 1024;

    /// <summary>True for the issues that this answers.</summary>
    public static bool Knows(IntegrityIssue issue) => ContentScanner.Types.Contains(issue.Type);

    /// <summary>One operation an issue, in their order.</summary>
    public async Task<IReadOnlyList<RepairOperation>> ProposeAsync(
        IReadOnlyList<IntegrityIssue> issues, RepairPolicy policy, RuleCheck check, CancellationToken cancellationToken)
    {
        var sets = await LeafSets.ReadAsync(source, issues.Where(issue => issue.Evidence is DocumentEvidence).Select(issue => issue.Subject), cancellationToken);
        var targets = await new ReferenceTargets(source, resolution.TypeFields).ReadAsync(Wanted(issues, sets), cancellationToken);
        return [.. issues.Select(issue => Propose(issue, sets.GetValueOrDefault(issue.Subject), targets, policy, check))];
    }

    private HashSet<string> Wanted(IReadOnlyList<IntegrityIssue> issues, Dictionary<string, LeafSet> sets)
    {
        var found = new HashSet<string>(validation.References.Select(rule => rule.Placeholder).OfType<string>(), StringComparer.Ordinal);
        foreach (var issue in issues.Where(issue => issue.Type == IssueTypes.MissingReference))
        {
            if (sets.GetValueOrDefault(issue.Subject)?.Winner is { Deleted: false } winner)
            {
                using var body = DeepDocument.ParseMost(winner.Body.Utf8);
                found.UnionWith(References(issue, body.RootElement).Select(reference => reference.Target));
            }
        }

        return issues.Any(issue => issue.Type == IssueTypes.MissingReference) ? found : [];
    }

    /// <summary>The references of which the issue speaks, as they stand now.</summary>
    private IEnumerable<(FieldPath Path, JsonElement Value, string Target, ReferenceRule Rule)> References(IntegrityIssue issue, JsonElement body)
    {
        var told = ((DocumentEvidence)issue.Evidence).Faults.Select(fault => (fault.Path, fault.Rule)).ToHashSet();
        var types = DocumentTypes.Of(body, resolution.TypeFields);
        return
            from rule in validation.References
            where types.Contains(rule.DocumentType, StringComparer.Ordinal)
            from found in PathSelection.SelectAny(body, FieldPath.Steps(rule.Path))
            let target = ReferenceCheck.TargetOf(found.Value)
            where !string.IsNullOrEmpty(target) && told.Contains((found.Path.ToString(), rule.Path))
            select (found.Path, found.Value, target, rule);
    }

    private RepairOperation Propose(IntegrityIssue issue, LeafSet? now, ReferenceTargets targets, RepairPolicy policy, RuleCheck check)
    {
        switch (issue.Type)
        {
            case IssueTypes.IdCollision:
                return Review(issue, now, "Two documents under one id are never repaired automatically: the evidence names what each shard holds; compare, and restore the right one.");
            case IssueTypes.UnusableSchema:
                return Review(issue, now, "Nothing in the store can be changed to mend this: mend the schema.");
            case IssueTypes.UnknownType:
                return Review(issue, now, "Which type is meant, a person has to say: give the document, or add the type to validation.known_types.");
        }

        if (now is null || now.Winner.Deleted)
        {
            return Review(issue, now, "The document is gone since the scan.");
        }

        if (now.Live.Count() > 1)
        {
            return Review(issue, now, "The document is in conflict: resolve that first, then scan and plan again.");
        }

        if (policy.Strategy == Strategy.Manual)
        {
            return Review(issue, now, "The strategy is manual: a person decides.");
        }

        if (DeepDocument.Is(now.Winner.Body.Utf8))
        {
            return Review(issue, now, $"The document is {DeepDocument.Reason} now, which no repair takes apart.");
        }

        var body = DocumentFields.Own(now.Winner.Body);
        return issue.Type == IssueTypes.MissingReference ? FixReferences(issue, now, body, targets, policy, check) : UpdateSchema(issue, now, body, policy, check);
    }

    private RepairOperation FixReferences(IntegrityIssue issue, LeafSet now, JsonElement body, ReferenceTargets targets, RepairPolicy policy, RuleCheck check)
    {
        var edits = new BodyEdits();
        var done = new List<string>();
        foreach (var (path, value, target, rule) in References(issue, body).Where(reference => !targets.Has(reference.Target, reference.Rule.TargetType)))
        {
            if (targets.Survivor(target, rule.TargetType) is { } survivor)
            {
                Lead(edits, path, value, survivor);
                done.Add($"{path} leads to {survivor}, into which '{target}' was merged");
                continue;
            }

            switch (rule.Repair)
            {
                case ReferenceRepair.Clear:
                    edits.Remove(path);
                    done.Add($"{path} is taken out");
                    break;
                case ReferenceRepair.Placeholder when targets.Has(rule.Placeholder!, rule.TargetType):
                    Lead(edits, path, value, rule.Placeholder!);
                    done.Add($"{path} leads to {rule.Placeholder}");
                    break;
                case ReferenceRepair.Placeholder:
                    return Review(issue, now, $"The placeholder '{rule.Placeholder}' of {rule.Path} is no document of the right type: write it first.");
                default:
                    return Review(issue, now, $"Where {path} should lead instead of to '{target}', no rule says: set repair in validation.references, or give the document.");
            }
        }

        if (edits.IsEmpty)
        {
            return Review(issue, now, "The references lead somewhere again since the scan.");
        }

        var mended = edits.Apply(body);
        return check.WhyNot(now.Winner, mended, [now.Winner]) is { } broken
            ? Review(issue, now, $"{broken} Give the document, or set another repair in validation.references. Without that, {string.Join("; ", done)}.")
            : Write(issue, OperationTypes.FixReference, now, body, mended, Risk.Medium, $"{string.Join("; ", done)}.", policy);
    }

    private static void Lead(BodyEdits edits, FieldPath path, JsonElement value, string id) => edits.Replace(
        value.ValueKind == JsonValueKind.Object ? path.Member("@id") : path, RawJson.FromText(JsonSerializer.Serialize(id, TextJson.Default.String)));

    private RepairOperation UpdateSchema(IntegrityIssue issue, LeafSet now, JsonElement body, RepairPolicy policy, RuleCheck check)
    {
        var mended = new SchemaUpdate(validation, resolution.TypeFields, check).Of(now.Winner, out var coerced, out var left);
        return mended is null
            ? Review(issue, now, "No step of validation.migrations changes this document: add one, or give the document.")
            : left is not null
                ? Review(issue, now, $"After validation.migrations the document would still not be right ({left}): add a step, or give the document.")
                : Write(
                    issue, OperationTypes.UpdateSchema, now, body, mended.Value, coerced ? Risk.Medium : Risk.Low,
                    coerced ? "Brought into form by the configured migrations, which change the type of a value." : "Brought into form by the configured migrations.",
                    policy);
    }

    private static RepairOperation Write(
        IntegrityIssue issue, string type, LeafSet now, JsonElement body, RawJson mended, Risk risk, string reason, RepairPolicy policy)
    {
        var after = DocumentFields.Parse(mended.Utf8);
        var bound = OperationDraft.Bound(issue, policy, risk);
        return Review(issue, now, bound is null ? reason : $"{reason} {bound}") with
        {
            Type = type,
            Risk = risk,
            Strategy = Strategy.Auto,
            NeedsReview = bound is not null,
            OldValue = Shown(new RawJson(JsonMarshal.GetRawUtf8Value(body).ToArray())),
            NewValue = Shown(mended),
            Changes = [.. FieldDifferences.Between(body, after)
                .Select(change => new FieldChange(change.Path.ToString(), Display.Of(change.Old), Display.Of(change.New), $"rule:{type}"))],
            Action = bound is not null ? null : new ResolveConflictAction
            {
                KeepRevision = now.Winner.Revision.ToString(),
                Body = mended,
                ResultDigest = DocumentText.Digest(mended),
                Attachments = AttachmentIdentity.Own(now.Winner),
                RemoveRevisions = [],
            },
        };
    }

    private static RawJson? Shown(RawJson value) => value.Utf8.Length <= LongestValue ? value : null;

    private static RepairOperation Review(IntegrityIssue issue, LeafSet? now, string reason) => RepairOperation.ForReview(
        issue,
        issue.Type switch
        {
            IssueTypes.IdCollision or IssueTypes.UnusableSchema => OperationTypes.Review,
            IssueTypes.MissingReference => OperationTypes.FixReference,
            _ => OperationTypes.UpdateSchema,
        },
        now is null ? new LeafSetPrecondition([]) : LeafSets.Precondition(now),
        reason);
}
