using System.Diagnostics.CodeAnalysis;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>
/// Turns one conflict into one operation. Pure: the same case and policy give the same operation on every machine. No edit gets lost
/// silently: each is in the result, or named in <see cref="RepairOperation.Discarded"/> or <see cref="RepairOperation.UndecidedFields"/>.
/// </summary>
[SuppressMessage("Performance", "CA1822", Justification = "Callers hold a planner and are given one; a store kind may bring another.")]
public sealed class ConflictPlanner
{
    /// <summary>Decides a conflict under a policy.</summary>
    /// <param name="issue">The issue it answers.</param>
    /// <param name="conflict">All leaves with bodies, and the ancestors that still have theirs (see <see cref="NeededAncestors"/>).</param>
    /// <param name="policy">The strategy, the rules, the bounds, or a person's decision.</param>
    /// <exception cref="IntegrityException">A decision by hand does not fit: the revision is no leaf, the document no object of this id.</exception>
    public RepairOperation Propose(IntegrityIssue issue, ConflictCase conflict, RepairPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(issue);
        ArgumentNullException.ThrowIfNull(conflict);
        ArgumentNullException.ThrowIfNull(policy);
        var tree = new DecisionTree(conflict, policy, new MergeVersions(policy.Resolution));
        return OperationDraft.Of(issue, conflict, policy, tree.Decide(), tree.Contested);
    }

    /// <summary>True when the policy decides the conflict without a person and without discarding an edit.</summary>
    /// <param name="conflict">All leaves, and the ancestors that still have bodies.</param>
    /// <param name="policy">The strategy and the rules; its bounds on risk count, those on severity do not (only an issue has one).</param>
    public bool CanAutoResolve(ConflictCase conflict, RepairPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(conflict);
        ArgumentNullException.ThrowIfNull(policy);
        using var versions = new MergeVersions(policy.Resolution);
        return CanAutoResolve(conflict, policy, versions);
    }

    /// <summary>The same for a case whose versions have been read under the policy's settings.</summary>
    internal bool CanAutoResolve(ConflictCase conflict, RepairPolicy policy, MergeVersions versions)
    {
        var decision = new DecisionTree(conflict, policy, versions).Decide();
        return decision.Keep is not null && !decision.ByHand && decision.Discarded.Count == 0
            && !(decision.Risk > (policy.MaximumRisk ?? policy.Resolution.MaxRisk));
    }

    /// <summary>
    /// The revisions whose bodies a merge would like to have: those at which live leaves part, the deepest first, and the parent of each
    /// deletion that stands against an edit.
    /// </summary>
    public IReadOnlyList<RevisionId> NeededAncestors(LeafSet leaves)
    {
        ArgumentNullException.ThrowIfNull(leaves);
        var live = leaves.Live.ToList();
        var known = live.SelectMany(leaf => leaf.History).ToHashSet();
        var deleted = leaves.Leaves.Where(leaf => leaf.Deleted).Select(leaf => leaf.Parent).OfType<RevisionId>().Where(known.Contains);
        return [.. new RevisionForest(live).Forks.Union(deleted).OrderDescending()];
    }
}
