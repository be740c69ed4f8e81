using System.Globalization;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>Decides issues that hang together, from the documents as they stand now.</summary>
internal sealed class DuplicateCluster(
    ReferenceRewrite rewrite, IdentityKeys keys, ResolutionSettings resolution, ValidationSettings validation, RepairPolicy policy, RuleCheck check, DuplicateReferrers referrers,
    Dictionary<string, LeafSet> sets, Dictionary<string, string> changed)
{
    private readonly DuplicateMerge merge = new(resolution);
    private readonly List<RepairOperation> operations = [];
    private readonly Dictionary<string, string> survivors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> taken = new(StringComparer.Ordinal);

    private bool IsByHand => policy.KeepRevision is not null || policy.Document is not null;

    /// <summary>The operations of the issues, each group under the id of the first issue.</summary>
    public IReadOnlyList<RepairOperation> Propose(IReadOnlyList<IntegrityIssue> issues)
    {
        var decided = new List<(IntegrityIssue Issue, List<LeafSet> Members, DuplicateResult Result, string Why)>();
        foreach (var issue in issues)
        {
            if (Decide(issue) is { } decision)
            {
                decided.Add(decision);
                foreach (var other in decision.Members)
                {
                    taken[other.Id] = issue.Id;
                    survivors[other.Id] = decision.Members[0].Id;
                }

                survivors.Remove(decision.Members[0].Id);
            }
        }

        var referring = Referrers(decided.SelectMany(item => item.Members.Skip(1))).ToList();
        var write = new DuplicateOperations(rewrite, resolution, survivors, issues[0].Id);
        if (WhyNotTurned(write, decided, referring) is { } broken)
        {
            if (!IsByHand)
            {
                decided.ForEach(item => Review(item.Issue, item.Members, $"{broken} Change that document first, or name the revision of the one that stays."));
                return operations;
            }

            decided[0] = decided[0] with { Why = $"{decided[0].Why}. {broken.TrimEnd('.')}" };
        }

        foreach (var (issue, members, result, why) in decided)
        {
            operations.Add(write.Keep(issue, members, result, why));
        }

        foreach (var referrer in referring)
        {
            operations.Add(write.Turn(decided[0].Issue, sets[referrer]));
            taken[referrer] = decided[0].Issue.Id;
        }

        foreach (var (issue, members, _, _) in decided)
        {
            operations.AddRange(members.Skip(1).Select(member => write.Remove(issue, member, members[0].Id)));
        }

        foreach (var (id, issue) in taken)
        {
            changed[id] = issue;
        }

        // A group of which one risk is the highest is as risky as that.
        var risk = operations.Where(operation => operation.Group is not null).Select(operation => operation.Risk).DefaultIfEmpty().Max();
        return [.. operations.Select(operation => operation.Group is null ? operation : operation with { Risk = risk })];
    }

    private (IntegrityIssue Issue, List<LeafSet> Members, DuplicateResult Result, string Why)? Decide(IntegrityIssue issue)
    {
        var evidence = (DuplicateEvidence)issue.Evidence;
        var rule = validation.Identities.FirstOrDefault(rule => rule.Fields.SequenceEqual(evidence.Fields, StringComparer.Ordinal));
        var members = evidence.Documents.Select(document => sets.GetValueOrDefault(document.Id)).OfType<LeafSet>().Where(set => !set.Winner.Deleted).ToList();
        if (rule is null || members.Count < 2 || !SameKey(rule, members))
        {
            return Review(issue, members, "The documents are no longer the same thing by validation.identities: scan again.");
        }

        if (evidence.Count > evidence.Documents.Count)
        {
            return Review(issue, members, $"So many documents with one key ({evidence.Count}) are hardly one thing: look at the rule in validation.identities.");
        }

        var touched = members.Select(member => member.Id).Concat(members.SelectMany(member => referrers.Of(member.Id))).Distinct(StringComparer.Ordinal).ToList();
        // Issues of this cluster may turn the references of one document, but a document is merged once.
        if ((touched.Find(changed.ContainsKey) ?? members.Find(member => taken.ContainsKey(member.Id))?.Id) is { } other)
        {
            return Review(
                issue, members,
                $"This plan already changes '{other}' (issue {changed.GetValueOrDefault(other) ?? taken[other]}): repair, scan and plan again for this one.");
        }

        if (touched.Find(id => sets.TryGetValue(id, out var set) && set.Live.Count() > 1) is { } conflict)
        {
            return Review(issue, members, $"'{conflict}' is in conflict: resolve that first, then scan and plan again.");
        }

        var (ordered, why) = Order(issue, members);
        if (policy.Strategy == Strategy.Manual && !IsByHand)
        {
            return Review(issue, ordered, "The strategy is manual: a person decides. To choose the document that stays, name its revision.");
        }

        var result = merge.Merge(rule, ordered, firstWins: IsByHand);
        if (policy.Document is not null)
        {
            (result, why) = (ByHand(ordered, result), "its body was given by hand");
        }

        var broken = result.Undecided.Count > 0 ? null
            : check.WhyNot(ordered[0].Winner, DuplicateOperations.Own(result.Body), ordered.Select(member => member.Winner));
        if (broken is not null && !IsByHand)
        {
            return Review(issue, ordered, $"{broken} Name the revision of the one that is right, give the document, or add resolution.rules.");
        }

        why = broken is null ? why : $"{why}. {broken.TrimEnd('.')}";
        var risk = result.Loses ? Risk.High : Risk.Medium;
        return result.Undecided.Count > 0
                ? Review(
                    issue, ordered, $"They differ in these fields and no rule decides: {string.Join(", ", result.Undecided)}. Add resolution.rules, name the revision of the one that is right, or give the document.",
                    result.Undecided)
            : !IsByHand && Mentioned(ordered) is { } mentioned ? Review(issue, ordered, mentioned)
            : !IsByHand && OperationDraft.Bound(issue, policy, risk) is { } bound ? Review(issue, ordered, bound)
            : (issue, ordered, result, why);
    }

    /// <summary>Which rule a document would break that no reference of it breaks now, once its references are turned; null: none.</summary>
    private string? WhyNotTurned(
        DuplicateOperations write, IEnumerable<(IntegrityIssue Issue, List<LeafSet> Members, DuplicateResult Result, string Why)> decided, IEnumerable<string> referring)
    {
        var merged = decided.Select(item => (Set: item.Members[0], Body: write.Turned(item.Members[0].Id, item.Result.Body), From: item.Members));
        var others = referring.Select(id => (Set: sets[id], Body: write.Turned(id, DocumentFields.Own(sets[id].Winner.Body)), From: new List<LeafSet> { sets[id] }));
        return merged.Concat(others).Select(item => item.Body is { } body ? check.WhyNot(item.Set.Winner, body, item.From.Select(set => set.Winner)) : null).FirstOrDefault(broken => broken is not null);
    }

    /// <summary>Why a person has to look: an id that would lead nowhere stands where no reference is configured, and nothing would turn it.</summary>
    private string? Mentioned(List<LeafSet> ordered)
    {
        var members = ordered.Select(member => member.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var going in ordered.Skip(1).Select(member => member.Id))
        {
            var holders = referrers.MentionsOf(going).Where(id => !members.Contains(id)).Order(StringComparer.Ordinal).ToList();
            if (holders.Count > 0)
            {
                var others = holders.Count == 1 ? " holds" : string.Create(CultureInfo.InvariantCulture, $" and {holders.Count - 1} more hold");
                return $"'{going}' would be deleted, and '{holders[0]}'{others} its id where validation.references knows of no reference: "
                    + "add the field there, or, where it means something else, name the revision of the document that stays.";
            }
        }

        return null;
    }

    private (List<LeafSet> Ordered, string Why) Order(IntegrityIssue issue, List<LeafSet> members)
    {
        var ids = members.Select(member => member.Id).ToHashSet(StringComparer.Ordinal);
        var ordered = merge.Order(members, id => referrers.Of(id).Count(referrer => !ids.Contains(referrer)), out var why);
        if (policy.KeepRevision is not { } revision)
        {
            return (ordered, why);
        }

        var chosen = ordered.FindAll(member => member.Winner.Revision.ToString() == revision);
        return chosen.Count == 1 ? ([chosen[0], .. ordered.Where(member => member != chosen[0])], "it was chosen by hand") : throw new IntegrityException(
            ErrorIds.InvalidArgument,
            chosen.Count == 0 ? $"'{revision}' is the revision of none of the duplicates." : $"'{revision}' is the revision of several of the duplicates.",
            issue.Subject,
            $"Choose one of: {string.Join(", ", ordered.Select(member => $"{member.Winner.Revision} ({member.Id})"))}.");
    }

    /// <summary>What a person gave, held against every document: what of them it does not hold is named.</summary>
    private DuplicateResult ByHand(List<LeafSet> ordered, DuplicateResult merged)
    {
        using var versions = new MergeVersions(resolution);
        var alone = new ConflictCase(ordered[0], new Dictionary<RevisionId, DocumentRevision>());
        var body = new DecisionTree(alone, policy with { KeepRevision = null }, versions).Decide().Body!.Value;
        var discarded =
            from other in ordered.Skip(1)
            from member in DocumentFields.Own(other.Winner.Body).EnumerateObject()
            let name = JsonEquality.Name(member)
            where !resolution.StampFields.Contains(name, StringComparer.Ordinal) && !JsonEquality.Equal(member.Value, DocumentFields.Member(body, name))
            select new DiscardedEdit(other.Winner.Revision.ToString(), name, Display.Of(member.Value), $"the document was given by hand (merging '{other.Id}')");
        return merged with { Body = body, Discarded = [.. discarded], Loses = discarded.Any(), Undecided = [] };
    }

    private bool SameKey(IdentityRule rule, List<LeafSet> members)
    {
        var index = validation.Identities.ToList().IndexOf(rule);
        return members.Select(member =>
        {
            using var body = member.Winner.Body.Parse();
            return keys.Of(DocumentTypes.Of(body.RootElement, resolution.TypeFields), body.RootElement).FirstOrDefault(key => key.Rule == index).Key;
        }).Distinct(StringComparer.Ordinal).ToList() is [not null];
    }

    private IEnumerable<string> Referrers(IEnumerable<LeafSet> going) => going
        .SelectMany(member => referrers.Of(member.Id))
        .Distinct(StringComparer.Ordinal)
        .Where(id => !survivors.ContainsKey(id) && !survivors.ContainsValue(id) && sets.TryGetValue(id, out var set) && !set.Winner.Deleted)
        .Order(StringComparer.Ordinal);

    private (IntegrityIssue Issue, List<LeafSet> Members, DuplicateResult Result, string Why)? Review(
        IntegrityIssue issue, List<LeafSet> members, string reason, IReadOnlyList<string>? undecided = null)
    {
        var precondition = members.Count == 0 ? new LeafSetPrecondition([]) : LeafSets.Precondition(members.Find(member => member.Id == issue.Subject) ?? members[0]);
        operations.Add(RepairOperation.ForReview(issue, OperationTypes.MergeDuplicates, precondition, reason) with { UndecidedFields = undecided ?? [] });
        return null;
    }
}
