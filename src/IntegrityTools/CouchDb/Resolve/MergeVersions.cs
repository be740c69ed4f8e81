using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>The versions of one case, each read once: the strategies, the merge and the account of edits all look at the same ones.</summary>
internal sealed class MergeVersions(ResolutionSettings settings)
{
    private readonly Dictionary<DocumentRevision, MergeVersion> _read = new(ReferenceEqualityComparer.Instance);

    /// <summary>A revision as it was read.</summary>
    public MergeVersion Of(DocumentRevision revision)
    {
        if (!_read.TryGetValue(revision, out var version))
        {
            _read.Add(revision, version = MergeVersion.Of(revision, settings));
        }

        return version;
    }
}
