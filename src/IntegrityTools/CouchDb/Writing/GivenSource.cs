using System.Runtime.CompilerServices;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Writing;

/// <summary>A database as it would be with one document more: the pass sees that one alone, its references are asked of the database.</summary>
internal sealed class GivenSource(ICouchSource database, string id, RawJson document) : SourceAround(database, owned: false)
{
    /// <inheritdoc/>
    public override async IAsyncEnumerable<DocumentBody> ReadDocumentsAsync(ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield return new DocumentBody(id, document.Utf8);
    }
}
