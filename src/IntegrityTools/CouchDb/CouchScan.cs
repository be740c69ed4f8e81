using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Scanning;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb;

/// <summary>Runs the passes that the wanted types need: the leaf feed for conflicts, all bodies for what documents hold. Servers and dumps alike.</summary>
internal sealed class CouchScan(ConflictScanner conflicts, ContentScanner content)
{
    /// <summary>Scans. When both passes run, documents are counted by the first.</summary>
    public async IAsyncEnumerable<IntegrityIssue> ScanAsync(
        ScanRequest request, ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var byContent = request.Types.Overlaps(ContentScanner.Types);
        var byLeaves = !byContent || !request.Types.IsSubsetOf(ContentScanner.Types);
        if (byLeaves && request.From?.LeavesDone != true)
        {
            await foreach (var issue in conflicts.ScanAsync(request, statistics, cancellationToken))
            {
                yield return issue;
            }

            if (byContent && request.Settled is { } settled)
            {
                await settled(new ScanPosition { LeavesDone = true, Documents = statistics.Documents }, cancellationToken);
            }
        }

        if (byContent)
        {
            var counted = byLeaves ? new ScanStatistics() : statistics;
            counted.ResumeDocument = request.From?.DocumentId;
            var told = byLeaves && request.Settled is { } settled ? (position, token) => settled(position with { Documents = statistics.Documents }, token) : request.Settled;
            await foreach (var issue in content.ScanAsync(request with { Settled = told }, counted, cancellationToken))
            {
                yield return issue;
            }
        }
    }
}
