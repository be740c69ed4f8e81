using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>Turns issues about how a server keeps a database into operations, and tells what of them can be taken back: no document is changed by any.</summary>
internal sealed class StorageProposals(StorageQuestions questions)
{
    /// <summary>The name of a precondition that is about the database itself: it is the one that was planned for, not another that was made under its name since.</summary>
    public const string Incarnation = "instance_start_time";

    /// <summary>True for the issues that this answers.</summary>
    public static bool Knows(IntegrityIssue issue) => StorageScanner.Types.Contains(issue.Type);

    /// <summary>True for the operations that it proposes.</summary>
    public static bool Knows(RepairOperation operation) => operation.Action is CompactDatabaseAction or RebuildIndexAction;

    /// <summary>The operation for an issue.</summary>
    public async Task<RepairOperation> ProposeAsync(IntegrityIssue issue, RepairPolicy policy, CancellationToken cancellationToken) => issue.Evidence switch
    {
        SizeEvidence size => await CompactAsync(issue, size, policy, cancellationToken),
        IndexEvidence { Design: { } design, Revision: { } revision } index when issue.Type == IssueTypes.StaleIndex || index.Damaged => Draft(
            issue,
            policy,
            OperationTypes.RebuildIndex,
            index.Damaged ? Risk.Medium : Risk.Low,
            index.Damaged
                ? "What is stored of the index is thrown away and the index made anew from the documents; its definition stays as it is. Queries of it wait until that is done."
                : $"The index is brought up to date, {Counted.Of(index.Pending, "change")}; its definition stays as it is. The server is busy with it meanwhile.",
            new SettingPrecondition(design, revision),
            new RebuildIndexAction(design, index.Damaged)),
        CountEvidence { Design: { } design, Revision: { } revision } => Draft(
            issue,
            policy,
            OperationTypes.RebuildIndex,
            Risk.Medium,
            "The index is thrown away and made anew from the documents; its definition stays as it is. Queries of it wait until that is done.",
            new SettingPrecondition(design, revision),
            new RebuildIndexAction(design, FromScratch: true)),
        CountEvidence => Review(
            issue,
            "No answer is known to be the right one: save the database, compare the shards (_shards, and _node/NODE/ with each), and replicate or restore it into a new database, which counts anew."),
        IndexEvidence index => Review(issue, Advice(issue, index)),
        _ => Review(issue, "Nothing that can be done from here would mend this."),
    };

    /// <summary>The inverse of an applied operation: a person is told that there is nothing to give back.</summary>
    public static RepairOperation Invert(RepairOperation operation) => operation with
    {
        Number = 0,
        Type = OperationTypes.Review,
        Risk = Risk.Low,
        Strategy = Strategy.Manual,
        NeedsReview = true,
        Action = null,
        Changes = [],
        Reason = operation.Action is CompactDatabaseAction
            ? "A compaction cannot be taken back. It changed no document; the bodies of old revisions that it removed are gone."
            : "The definition of the index is as it was, and no document was changed: there is nothing to give back.",
    };

    private static string Advice(IntegrityIssue issue, IndexEvidence index) => issue.Type switch
    {
        IssueTypes.BrokenIndex => $"Only the author of {index.Design} can mend its functions: correct the design document, or delete it if nobody queries it.",
        IssueTypes.MissingIndex => $"An index costs at every write, so it is yours to decide: POST {index.Wanted?.Text ?? "an index"} to _index.",
        _ => $"It costs at every write, and whether an application uses it only you can know: delete it by DELETE _index/{index.Design}/json/{index.Views[0]} when none does.",
    };

    private async Task<RepairOperation> CompactAsync(IntegrityIssue issue, SizeEvidence size, RepairPolicy policy, CancellationToken cancellationToken)
    {
        var info = await questions.GetInfoAsync(cancellationToken);
        return Draft(
            issue,
            policy,
            OperationTypes.CompactDatabase,
            Risk.Medium,
            $"The database and its view indexes are compacted, and index files that no design document needs are removed: about {SizeCheck.Bytes(size.Reclaimable)} are given back. "
            + "No document changes. The bodies of old revisions go for good, this cannot be taken back; it is left alone while a conflict is open whose common ancestor can still be read.",
            new SettingPrecondition(Incarnation, info.Incarnation ?? ""),
            new CompactDatabaseAction(info.Name));
    }

    private static RepairOperation Draft(
        IntegrityIssue issue, RepairPolicy policy, string type, Risk risk, string reason, Precondition precondition, RepairAction action)
    {
        var bound = policy.Strategy == Strategy.Manual ? "The strategy is manual: a person decides." : OperationDraft.Bound(issue, policy, risk);
        return RepairOperation.ForReview(issue, type, precondition, bound is null ? reason : $"{reason} {bound}") with
        {
            Risk = risk,
            Strategy = bound is null ? Strategy.Auto : Strategy.Manual,
            NeedsReview = bound is not null,
            Action = bound is null ? action : null,
        };
    }

    private static RepairOperation Review(IntegrityIssue issue, string reason) =>
        RepairOperation.ForReview(issue, OperationTypes.Review, new SettingPrecondition(Incarnation, ""), reason);
}
