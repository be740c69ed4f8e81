using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Duplicates;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.CouchDb.Storage;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.CouchDb;

/// <summary>Turns issues into operations: the same for servers and dumps.</summary>
/// <param name="source">Where documents are read.</param>
/// <param name="validation">What a document that is merged is held against.</param>
/// <param name="content">What answers issues about documents' content.</param>
/// <param name="duplicates">What answers issues about documents of one thing.</param>
/// <param name="storage">What answers issues about how a server keeps the database; null for a dump.</param>
internal sealed class ConflictProposals(
    ICouchSource source, ValidationSettings validation, ContentProposals content, DuplicateProposals duplicates, StorageProposals? storage = null)
{
    private const int BatchSize = 250;
    private const int Lanes = 4;

    private readonly ConflictPlanner planner = new();

    /// <summary>One operation an issue, in their order; then the groups of operations that make one of several documents.</summary>
    public async IAsyncEnumerable<RepairOperation> ProposeAsync(
        IAsyncEnumerable<IntegrityIssue> issues, RepairPolicy policy, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var changed = new Dictionary<string, string>(StringComparer.Ordinal);
        var several = new List<IntegrityIssue>();
        var check = await RuleCheck.LoadAsync(source, validation, policy.Resolution.TypeFields, cancellationToken).ConfigureAwait(false);
        await foreach (var batch in Single().Chunk(BatchSize * Lanes).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var operations = new RepairOperation[batch.Length];
            var lanes = new ParallelOptions { MaxDegreeOfParallelism = Lanes, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(
                batch.Select((issue, index) => (issue, index)).Chunk(BatchSize),
                lanes,
                (part, token) => ProposeAsync(part, policy, check, operations, token)).ConfigureAwait(false);
            foreach (var operation in operations)
            {
                yield return OneADocument(operation, changed);
            }
        }

        if (several.Count > 0)
        {
            await foreach (var operation in duplicates.ProposeAsync(several, policy, check, changed, cancellationToken).ConfigureAwait(false))
            {
                yield return operation;
            }
        }

        async IAsyncEnumerable<IntegrityIssue> Single()
        {
            await foreach (var issue in issues.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                if (issue.Evidence is not DuplicateEvidence)
                {
                    yield return issue;
                    continue;
                }

                several.Add(issue);
            }
        }
    }

    /// <summary>
    /// Two operations of one plan that change one document would each make the other stale: the first is kept, the others wait for the next plan.
    /// A compaction, which nothing takes back, is no part of a plan that changes documents: whoever repairs those has not asked for it.
    /// </summary>
    private static RepairOperation OneADocument(RepairOperation operation, Dictionary<string, string> changed) =>
        operation.NeedsReview ? operation
        : operation.Action is CompactDatabaseAction ? changed.Count == 0 ? operation : Wait(
            operation, "It cannot be taken back, and this plan changes documents: repair those, look at the result, then plan the compaction by itself (--type orphaned_revisions).")
        : changed.TryAdd(operation.Subject, operation.IssueId) ? operation
        : Wait(operation, $"This plan already changes the document (issue {changed[operation.Subject]}): repair, scan and plan again for this one.");

    private static RepairOperation Wait(RepairOperation operation, string reason) =>
        operation with { NeedsReview = true, Action = null, Reason = $"{reason} {operation.Reason}" };

    private static bool IsConflict(IntegrityIssue issue) =>
        issue.Type is IssueTypes.RevisionConflict or IssueTypes.EditDeleteConflict or IssueTypes.ResolvedConflict;

    /// <summary>Proposes one operation for each issue of a part; a document's bodies are let go as soon as it is decided.</summary>
    private async ValueTask ProposeAsync(
        (IntegrityIssue Issue, int Index)[] part, RepairPolicy policy, RuleCheck check, RepairOperation[] operations, CancellationToken cancellationToken)
    {
        // A document that a person gives decides any issue about a document.
        var byHand = policy.Document is not null || policy.KeepRevision is not null;
        var ofContent = part.Where(item => !byHand && ContentProposals.Knows(item.Issue)).ToList();
        if (ofContent.Count > 0)
        {
            var proposed = await content.ProposeAsync([.. ofContent.Select(item => item.Issue)], policy, check, cancellationToken).ConfigureAwait(false);
            for (var index = 0; index < proposed.Count; index++)
            {
                operations[ofContent[index].Index] = proposed[index];
            }
        }

        foreach (var (issue, index) in part.Where(item => storage is not null && StorageProposals.Knows(item.Issue)))
        {
            operations[index] = await storage!.ProposeAsync(issue, policy, cancellationToken).ConfigureAwait(false);
        }

        var byId = part.Where(item => IsConflict(item.Issue) || (byHand && item.Issue.Evidence is DocumentEvidence)).ToLookup(item => item.Issue.Subject, StringComparer.Ordinal);
        await foreach (var found in ConflictCases.ReadAsync(source, planner, [.. byId.Select(group => Found(group.First()))], cancellationToken).ConfigureAwait(false))
        {
            foreach (var (issue, index) in byId[found.Leaves.Id])
            {
                operations[index] = Propose(issue, found, policy, check);
            }
        }

        foreach (var (issue, index) in part)
        {
            operations[index] ??= Propose(issue, null, policy, check);
        }
    }

    private static LeafEntry Found((IntegrityIssue Issue, int Index) item) => new(
        item.Issue.Subject,
        item.Issue.Evidence is ConflictEvidence evidence ? [.. evidence.Leaves.Select(leaf => RevisionId.Parse(leaf.Revision))] : []);

    private RepairOperation Propose(IntegrityIssue issue, ConflictCase? conflict, RepairPolicy policy, RuleCheck check)
    {
        if (!IsConflict(issue) && issue.Evidence is not DocumentEvidence)
        {
            return ForReview(issue, UnreadableReason(issue), OperationTypes.Review);
        }

        if (conflict is null)
        {
            return ForReview(issue, "The document is gone since the scan.");
        }

        try
        {
            var operation = Checked(issue, conflict, planner.Propose(issue, conflict, policy), policy, check);
            return operation.Action is ResolveConflictAction action
                ? operation with { Action = action with { ResultDigest = DocumentText.Digest(action.Body ?? conflict.Leaves.Leaf(action.KeepRevision).Body) } }
                : operation;
        }
        catch (JsonException) when (conflict.IsDeep)
        {
            return ForReview(issue, $"It is {DeepDocument.Reason}, which no repair takes apart: delete the revisions that are not right by their _rev with another program.");
        }
    }

    /// <summary>What breaks a rule by the merge alone is for a person, who is shown the leaves; of a person's own document it is said.</summary>
    private RepairOperation Checked(IntegrityIssue issue, ConflictCase conflict, RepairOperation operation, RepairPolicy policy, RuleCheck check)
    {
        if (operation.Action is not ResolveConflictAction { Body: { } body } action
            || check.WhyNot(conflict.Leaves.Leaf(action.KeepRevision), body, conflict.Leaves.Live) is not { } broken)
        {
            return operation;
        }

        return policy.Document is not null ? operation with { Reason = $"{operation.Reason} {broken}" } : operation with
        {
            Reason = $"{broken} Keep one of the revisions, give the document, or add a rule to resolution.rules. {operation.Reason}",
            NeedsReview = true,
            Action = null,
            Choices = planner.Propose(issue, conflict, policy with { Strategy = Strategy.Manual }).Choices,
        };
    }

    private static RepairOperation ForReview(IntegrityIssue issue, string reason, string type = OperationTypes.ResolveConflict) =>
        RepairOperation.ForReview(issue, type, new LeafSetPrecondition([]), reason);

    private static string UnreadableReason(IntegrityIssue issue) => issue.Evidence is EntryEvidence { Path: null }
        ? "No repair takes it apart: if it is not meant to be like this, write it anew with the program that made it. Backups hold it as it stands."
        : "No repair can give back what does not stand in the file: look at that line, make the dump anew from its database, or take what is missing from another backup.";
}
