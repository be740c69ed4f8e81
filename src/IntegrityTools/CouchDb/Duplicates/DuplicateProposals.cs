using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>
/// Turns documents of one thing into operations that belong together: the merged body is written into the one that stays, then what refers
/// to the others is turned to it, then the others are deleted. Each tombstone names its survivor, for references that arrive late.
/// </summary>
internal sealed class DuplicateProposals(ICouchSource source, ResolutionSettings resolution, ValidationSettings validation)
{
    /// <summary>The member of a tombstone that names the document into which the deleted one was merged.</summary>
    public const string SurvivorMember = "merged_into";

    private const int OperationsAtOnce = 500;
    private readonly ReferenceRewrite rewrite = new(validation);
    private readonly IdentityKeys keys = new(validation);

    /// <summary>The operations for all issues; those that may run at one time stand together, every group in its order.</summary>
    /// <param name="issues">The issues, all of <see cref="IssueTypes.SemanticDuplicate"/>.</param>
    /// <param name="policy">The strategy, the rules, the bounds, or a person's decision.</param>
    /// <param name="check">What a merged body is held against.</param>
    /// <param name="changed">By document, the issue for which the same plan changes it already.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerable<RepairOperation> ProposeAsync(
        IReadOnlyList<IntegrityIssue> issues, RepairPolicy policy, RuleCheck check, Dictionary<string, string> changed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var members = issues.SelectMany(issue => ((DuplicateEvidence)issue.Evidence).Documents).Select(document => document.Id).ToHashSet(StringComparer.Ordinal);
        var referrers = await DuplicateReferrers.ReadAsync(source, rewrite, resolution.TypeFields, members, cancellationToken);
        var waiting = new List<RepairOperation>();
        foreach (var cluster in DuplicateClusters.Of(issues, referrers))
        {
            var ids = cluster.SelectMany(issue => ((DuplicateEvidence)issue.Evidence).Documents.Select(document => document.Id))
                .SelectMany(id => referrers.Of(id).Append(id));
            var sets = await LeafSets.ReadAsync(source, ids, cancellationToken);
            var proposal = new DuplicateCluster(rewrite, keys, resolution, validation, policy, check, referrers, sets, changed);
            waiting.AddRange(proposal.Propose(cluster));
            if (waiting.Count >= OperationsAtOnce)
            {
                foreach (var operation in waiting.OrderBy(operation => operation.Step))
                {
                    yield return operation;
                }

                waiting.Clear();
            }
        }

        foreach (var operation in waiting.OrderBy(operation => operation.Step))
        {
            yield return operation;
        }
    }

    /// <summary>The document into which a deleted one was merged; null when it was not.</summary>
    public static string? SurvivorOf(DocumentRevision document)
    {
        if (!document.Deleted)
        {
            return null;
        }

        using var body = Json.DeepDocument.ParseMost(document.Body.Utf8);
        return DocumentFields.Member(body.RootElement, SurvivorMember) is { ValueKind: JsonValueKind.String } survivor ? Json.JsonEquality.Text(survivor) : null;
    }
}
