using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Storage;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Sharing;

/// <summary>A part of a shared scan: what one worker does without asking the others.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Types">The codes that are looked for in it.</param>
/// <param name="Range">Its documents; all of them unless it is about bodies.</param>
internal sealed record SharedPart(SharedPartKind Kind, IReadOnlySet<string> Types, DocumentRange Range)
{
    /// <summary>The parts of a scan: those that cannot be cut first, since all wait for the longest.</summary>
    /// <param name="types">All that the scan looks for.</param>
    /// <param name="cuts">The ids before which a range ends and the next begins, in the server's order.</param>
    public static IReadOnlyList<SharedPart> Of(IReadOnlyList<string> types, IReadOnlyList<string> cuts)
    {
        var parts = new List<SharedPart>();
        foreach (var kind in types.GroupBy(KindOf).OrderBy(group => group.Key))
        {
            var codes = kind.ToHashSet(StringComparer.Ordinal);
            var edges = kind.Key == SharedPartKind.Bodies ? cuts : [];
            for (var at = 0; at <= edges.Count; at++)
            {
                parts.Add(new SharedPart(kind.Key, codes, new DocumentRange(From: at == 0 ? null : edges[at - 1], Before: at == edges.Count ? null : edges[at])));
            }
        }

        return parts;
    }

    /// <summary>The kind of part that finds a type.</summary>
    public static SharedPartKind KindOf(string type) =>
        type == IssueTypes.SemanticDuplicate ? SharedPartKind.Duplicates
        : ContentScanner.Types.Contains(type) ? SharedPartKind.Bodies
        : StorageScanner.Types.Contains(type) ? SharedPartKind.Storage
        : SharedPartKind.Leaves;
}
