using System.Text;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>Looks at one document's leaves and says what is wrong with them. Pure: reads nothing.</summary>
internal sealed class ConflictExaminer(ResolutionSettings settings)
{
    /// <summary>
    /// The issue type that the leaves stand for; null: none. One document is one issue: several live leaves are a
    /// revision_conflict, whether or not a deletion of an edited revision stands beside them, since both are decided together;
    /// such a deletion makes them an edit_delete, too (<see cref="KindsOfConflict"/>).
    /// </summary>
    public static string? Classify(LeafSet leaves)
    {
        var live = leaves.Live.Count();
        if (live == 0)
        {
            return null;
        }

        return live > 1 ? IssueTypes.RevisionConflict
            : leaves.Leaves.Count == 1 ? null
            : HasEditDeletion(leaves) ? IssueTypes.EditDeleteConflict
            : IssueTypes.ResolvedConflict;
    }

    /// <summary>True when somebody deleted what another edited.</summary>
    public static bool HasEditDeletion(LeafSet leaves) => EditDeletions(leaves).Any();

    /// <summary>The revisions whose bodies a merge can use: where the live leaves part, and what each deletion of an edited revision took away.</summary>
    public static IReadOnlyList<RevisionId> AncestorsOf(LeafSet leaves) =>
        RevisionTree.BranchPoints(leaves.Live.Concat(EditDeletions(leaves)));

    /// <summary>The evidence of a conflict.</summary>
    /// <param name="found">The case.</param>
    /// <param name="versions">Its versions, read once for all who look at the case.</param>
    /// <param name="changedPaths">Every field that some leaf changed.</param>
    public static ConflictEvidence Examine(ConflictCase found, MergeVersions versions, out IReadOnlyList<FieldPath> changedPaths)
    {
        var leaves = found.Leaves;
        var concerned = leaves.Live.Concat(leaves.Live.Count() == 1 ? EditDeletions(leaves) : []).ToList();
        var ancestor = RevisionTree.CommonAncestor(concerned.Count > 1 ? concerned : leaves.Leaves);
        var ancestorBody = ancestor is { } id && found.Ancestors.TryGetValue(id, out var revision) ? revision : null;
        var paths = new List<FieldPath>();
        var evidence = new List<LeafEvidence>(leaves.Leaves.Count);
        foreach (var leaf in leaves.Leaves)
        {
            evidence.Add(Evidence(leaf, leaves.Winner, ancestorBody, versions, paths));
        }

        changedPaths = paths;
        var live = evidence.Where(leaf => !leaf.Deleted).ToList();
        return new ConflictEvidence
        {
            WinningRevision = leaves.Winner.Revision.ToString(),
            Leaves = evidence,
            LiveLeaves = live.Count,
            CommonAncestor = ancestor?.ToString(),
            AncestorAvailable = ancestorBody is not null,
            IdenticalBodies = live.Count > 1 && live.All(leaf => leaf.BodyDigest == live[0].BodyDigest && SameAttachments(leaf, live[0])),
        };
    }

    /// <summary>The evidence of a conflict whose leaves are nested too deeply to be compared.</summary>
    public static ConflictEvidence NotCompared(LeafSet leaves) => new()
    {
        WinningRevision = leaves.Winner.Revision.ToString(),
        Leaves = [.. leaves.Leaves.Select(leaf => new LeafEvidence
        {
            Revision = leaf.Revision.ToString(),
            Generation = leaf.Revision.Generation,
            Deleted = leaf.Deleted,
            BodyLength = leaf.Body.Utf8.Length,
            Attachments = leaf.Attachments,
        })],
        LiveLeaves = leaves.Live.Count(),
    };

    /// <summary>How much a conflict matters: by its live leaves, raised by the configured fields that it touches.</summary>
    public Severity SeverityOf(string type, int liveLeaves, IReadOnlyList<FieldPath> changed)
    {
        if (type == IssueTypes.ResolvedConflict)
        {
            return Severity.Info;
        }

        var severity = liveLeaves >= 5 ? Severity.Critical : liveLeaves >= 3 ? Severity.High : Severity.Medium;
        foreach (var (fields, tier) in new[]
        {
            (settings.CriticalFields, Severity.Critical), (settings.HighFields, Severity.High), (settings.MediumFields, Severity.Medium),
        })
        {
            if (severity < tier && fields.Count > 0 && changed.Any(path => fields.Any(field => IsAtOrUnder(path, field))))
            {
                severity = tier;
            }
        }

        return severity;
    }

    /// <summary>The document's type: the first of the configured fields that is a string in the winner.</summary>
    public string? DocumentTypeOf(DocumentRevision document)
    {
        using var own = DeepDocument.ParseMost(document.Body.Utf8);
        return DocumentFields.TypeOf(own.RootElement, settings);
    }

    private static IEnumerable<DocumentRevision> EditDeletions(LeafSet leaves) =>
        leaves.Leaves.Where(leaf => leaf.Deleted && leaves.Live.Any(live => RevisionTree.DeletesAncestorOf(leaf, live)));

    private static bool IsAtOrUnder(FieldPath path, string pattern)
    {
        for (FieldPath? at = path; at is { Depth: > 0 }; at = at.Parent)
        {
            if (at.Matches(pattern))
            {
                return true;
            }
        }

        return false;
    }

    private static bool SameAttachments(LeafEvidence left, LeafEvidence right) =>
        left.Attachments.Count == right.Attachments.Count
        && (left.Attachments.Count == 0 || left.Attachments.OrderBy(item => item.Name, StringComparer.Ordinal)
            .Zip(right.Attachments.OrderBy(item => item.Name, StringComparer.Ordinal))
            .All(pair => pair.First.Name == pair.Second.Name && pair.First.Digest == pair.Second.Digest
                && pair.First.ContentType == pair.Second.ContentType));

    private static List<FieldPath> Differences(JsonElement old, JsonElement @new, DocumentRevision before, DocumentRevision after)
    {
        var paths = FieldDifferences.Between(old, @new).Select(difference => difference.Path).ToList();
        if (before.Attachments.Count + after.Attachments.Count > 0)
        {
            var attachments = FieldPath.Root.Member(Encoding.UTF8.GetString(CouchNames.Attachments));
            var names = before.Attachments.Concat(after.Attachments).Select(item => item.Name).Distinct(StringComparer.Ordinal);
            paths.AddRange(names
                .Where(name => Digest(before, name) != Digest(after, name))
                .Select(attachments.Member));
        }

        return paths;
    }

    private static (string? Digest, string? ContentType)? Digest(DocumentRevision revision, string name) =>
        revision.Attachments.FirstOrDefault(item => item.Name == name) is { } found ? (found.Digest, found.ContentType) : null;

    private static LeafEvidence Evidence(
        DocumentRevision leaf, DocumentRevision winner, DocumentRevision? ancestor, MergeVersions versions, List<FieldPath> touched)
    {
        var version = versions.Of(leaf);
        var changed = ReferenceEquals(leaf, winner) || leaf.Deleted ? [] : Differences(versions.Of(winner).Body, version.Body, winner, leaf);
        var since = ancestor is null || leaf.Deleted ? null : Differences(versions.Of(ancestor).Body, version.Body, ancestor, leaf);
        touched.AddRange(changed);
        touched.AddRange(since ?? []);
        return new LeafEvidence
        {
            Revision = leaf.Revision.ToString(),
            Generation = leaf.Revision.Generation,
            Deleted = leaf.Deleted,
            Timestamp = version.Timestamp,
            TimestampField = version.TimestampField,
            BodyDigest = CanonicalJson.Digest(version.Body, []),
            BodyLength = leaf.Body.Utf8.Length,
            Attachments = leaf.Attachments,
            ChangedFields = Texts(changed),
            ChangedSinceAncestor = since is null ? null : Texts(since),
        };
    }

    // Attachments always stand in brackets and quotes, however plain their names.
    private static IReadOnlyList<string> Texts(List<FieldPath> paths) => [.. paths.Select(Text)];

    private static string Text(FieldPath path)
    {
        var text = path.ToString();
        const string Plain = "_attachments.";
        return text.StartsWith(Plain, StringComparison.Ordinal) ? $"_attachments['{text[Plain.Length..]}']" : text;
    }
}
