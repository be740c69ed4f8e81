using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>The order in which a plan answers what a scan found. A scan finds conflicts in parallel, in another order each time; two plans of an unchanged store are alike.</summary>
internal static class IssueOrder
{
    /// <summary>Conflicts by their documents' ids, then what documents hold, by theirs; the rest, which is found in one order, as it was found.</summary>
    public static IReadOnlyCollection<IntegrityIssue> Sort(IEnumerable<IntegrityIssue> issues) =>
        [.. issues.OrderBy(Pass).ThenBy(issue => Pass(issue) == 2 ? string.Empty : issue.Subject, StringComparer.Ordinal)];

    // Of two operations on one document the first is done and the other waits; what looks at the whole plan comes last.
    private static int Pass(IntegrityIssue issue) => issue.Evidence switch
    {
        ConflictEvidence => 0,
        DocumentEvidence or DuplicateEvidence => 1,
        _ => 2,
    };
}
