using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>Says of which kinds a conflict is. Pure.</summary>
/// <param name="settings">The fields that hold versions, checksums and stamps.</param>
internal sealed class KindsOfConflict(ResolutionSettings settings)
{
    private readonly HashSet<string> own = settings.StampFields.Concat(settings.VersionFields).Concat(settings.ChecksumFields).ToHashSet(StringComparer.Ordinal);

    /// <summary>Its kinds.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="deleted">Whether somebody deleted what another edited.</param>
    /// <param name="evidence">What was seen.</param>
    /// <param name="live">The bodies of the live leaves.</param>
    public IReadOnlyList<string> Of(string type, bool deleted, ConflictEvidence evidence, IReadOnlyList<JsonElement> live)
    {
        if (type == IssueTypes.ResolvedConflict)
        {
            return [];
        }

        var kinds = new List<string>();
        if (type == IssueTypes.RevisionConflict)
        {
            kinds.Add(ConflictKinds.EditEdit);
        }

        if (deleted)
        {
            kinds.Add(ConflictKinds.EditDelete);
        }

        if (settings.VersionFields.Any(field => Differs(live, field)))
        {
            kinds.Add(ConflictKinds.VersionMismatch);
        }

        if (settings.ChecksumFields.Any(field => Differs(live, field)))
        {
            kinds.Add(ConflictKinds.ChecksumMismatch);
        }

        if (type == IssueTypes.RevisionConflict && AreApart(evidence))
        {
            kinds.Add(ConflictKinds.MergeCandidates);
        }

        return kinds;
    }

    private static bool Differs(IReadOnlyList<JsonElement> live, string field)
    {
        var values = live.Select(body => DocumentFields.Member(body, field)).ToList();
        return values.Any(value => value is null != values[0] is null || (value is { } one && values[0] is { } other && !JsonElement.DeepEquals(one, other)));
    }

    /// <summary>True when each side is known to have changed fields of its own only, apart from those that every side sets at each edit.</summary>
    private bool AreApart(ConflictEvidence evidence)
    {
        var sides = evidence.Leaves.Where(leaf => !leaf.Deleted).Select(leaf => leaf.ChangedSinceAncestor?.Where(path => !own.Contains(path)).ToList()).ToList();
        return !evidence.IdenticalBodies
            && sides.TrueForAll(side => side is { Count: > 0 })
            && sides.Index().All(side => sides.Skip(side.Index + 1).All(other => !side.Item!.Exists(path => other!.Exists(another => Overlap(path, another)))));
    }

    private static bool Overlap(string path, string other) => path == other || IsUnder(path, other) || IsUnder(other, path);

    private static bool IsUnder(string path, string parent) =>
        path.Length > parent.Length && path.StartsWith(parent, StringComparison.Ordinal) && (path[parent.Length] is '.' or '[');
}
