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
        if (byLeaves)
        {
            await foreach (var issue in conflicts.ScanAsync(request, statistics, cancellationToken))
            {
                yield return issue;
            }
        }

        if (byContent)
        {
            var ofContent = byLeaves ? new ScanStatistics() : statistics;
            await foreach (var issue in content.ScanAsync(request, ofContent, cancellationToken))
            {
                yield return issue;
            }

            statistics.LeaveOut(ofContent.PartlyLeftOut.ToList(), partly: true);
        }
    }
}
