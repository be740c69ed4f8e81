using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>A dump of which only one partition's documents are listed: those whose ids begin with its name and a colon.</summary>
internal sealed class PartitionOfDump(ICouchSource dump, string partition) : SourceAround(dump)
{
    private readonly string prefix = partition + ":";

    /// <inheritdoc/>
    public override IAsyncEnumerable<LeafEntry> ReadConflictCandidatesAsync(ScanStatistics statistics, CancellationToken cancellationToken) =>
        base.ReadConflictCandidatesAsync(statistics, cancellationToken).Where(entry => entry.Id.StartsWith(prefix, StringComparison.Ordinal));

    /// <inheritdoc/>
    public override IAsyncEnumerable<DocumentBody> ReadDocumentsAsync(ScanStatistics statistics, CancellationToken cancellationToken) =>
        base.ReadDocumentsAsync(statistics, cancellationToken).Where(document => document.Id.StartsWith(prefix, StringComparison.Ordinal));
}
