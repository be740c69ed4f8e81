using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>Puts issues together that a repair has to answer together, since some document refers to members of both, or is a member of both.</summary>
internal static class DuplicateClusters
{
    /// <summary>The issues, those of one cluster together, in the order of the first of each.</summary>
    public static IEnumerable<IReadOnlyList<IntegrityIssue>> Of(IReadOnlyList<IntegrityIssue> issues, DuplicateReferrers referrers)
    {
        var parents = Enumerable.Range(0, issues.Count).ToArray();
        var owners = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < issues.Count; index++)
        {
            foreach (var document in Documents(issues[index], referrers))
            {
                if (!owners.TryAdd(document, index))
                {
                    parents[Root(index)] = Root(owners[document]);
                }
            }
        }

        return issues.Select((issue, index) => (issue, Root: Root(index))).GroupBy(item => item.Root, item => item.issue).Select(cluster => cluster.ToList());

        int Root(int index)
        {
            while (parents[index] != index)
            {
                index = parents[index] = parents[parents[index]];
            }

            return index;
        }
    }

    private static IEnumerable<string> Documents(IntegrityIssue issue, DuplicateReferrers referrers) =>
        ((DuplicateEvidence)issue.Evidence).Documents.Select(document => document.Id).SelectMany(id => referrers.Of(id).Append(id));
}
