using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>The versions of one case, each read once: the strategies, the merge and the account of edits all look at the same ones.</summary>
internal sealed class MergeVersions(ResolutionSettings settings) : IDisposable
{
    private readonly List<JsonDocument> _documents = [];
    private readonly Dictionary<DocumentRevision, MergeVersion> _read = new(ReferenceEqualityComparer.Instance);

    /// <summary>A revision as it was read.</summary>
    public MergeVersion Of(DocumentRevision revision)
    {
        if (!_read.TryGetValue(revision, out var version))
        {
            var own = DocumentFields.OwnDocument(revision.Body);
            _documents.Add(own);
            _read.Add(revision, version = MergeVersion.Of(revision, own.RootElement, settings));
        }

        return version;
    }

    /// <summary>Ends the use of every value that came from here. Who gives such values away does not dispose.</summary>
    public void Dispose() => _documents.ForEach(document => document.Dispose());
}
