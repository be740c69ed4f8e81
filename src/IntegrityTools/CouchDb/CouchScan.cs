using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Scanning;
using IntegrityTools.CouchDb.Storage;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb;

/// <summary>
/// Runs the passes that the wanted types need: the leaf feed for conflicts, all bodies for what documents hold, of a server some questions
/// about how it keeps the database.
/// </summary>
/// <param name="conflicts">The pass over the leaf feed.</param>
/// <param name="content">The pass over the bodies.</param>
/// <param name="storage">The questions; null for a dump.</param>
internal sealed class CouchScan(ConflictScanner conflicts, ContentScanner content, StorageScanner? storage = null)
{
    /// <summary>Scans. When several passes run, documents are counted by the first; what is about the whole database comes last.</summary>
    /// <param name="request">What to look for.</param>
    /// <param name="statistics">Told what was seen.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="read">Called when the documents have been read, before the questions; null: nobody wants to know.</param>
    public async IAsyncEnumerable<IntegrityIssue> ScanAsync(
        ScanRequest request, ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken, Action? read = null)
    {
        var byContent = request.Types.Overlaps(ContentScanner.Types);
        var byLeaves = request.Types.Any(type => !ContentScanner.Types.Contains(type) && !StorageScanner.Types.Contains(type));
        var counted = default(PassCounts);
        var whole = request is { Subjects.Count: 0, From: null, Partition: null };
        if (byLeaves && request.From?.LeavesDone != true)
        {
            await foreach (var issue in conflicts.ScanAsync(request, statistics, cancellationToken))
            {
                yield return issue;
            }

            counted = counted with { Changed = whole && statistics.SinceSequence is null ? statistics.Documents : null };

            if (byContent && request.Settled is { } settled)
            {
                await settled(new ScanPosition { LeavesDone = true, Documents = statistics.Documents }, cancellationToken);
            }
        }

        if (byContent)
        {
            var ofContent = byLeaves ? new ScanStatistics() : statistics;
            ofContent.ResumeDocument = request.From?.DocumentId;
            var told = byLeaves && request.Settled is { } settled ? (position, token) => settled(position with { Documents = statistics.Documents }, token) : request.Settled;
            await foreach (var issue in content.ScanAsync(request with { Settled = told }, ofContent, cancellationToken))
            {
                yield return issue;
            }

            counted = counted with { Listed = whole && statistics.SinceSequence is null ? ofContent.Documents : null };
            if (byLeaves)
            {
                statistics.Join(ofContent);
            }
        }
        else if (storage is not null)
        {
            // What is nested too deeply shows in its body only.
            statistics.LeaveOut([IssueTypes.UnreadableEntry], partly: true);
        }

        if (request is { Partition: { } partition, From: null, Subjects.Count: 0 } && statistics.Documents == 0)
        {
            statistics.Remark($"There is no document in the partition '{partition}'.");
        }

        read?.Invoke();
        if (storage is not null && request.Types.Overlaps(StorageScanner.Types))
        {
            await foreach (var issue in storage.ScanAsync(request, counted, statistics, cancellationToken))
            {
                yield return issue;
            }
        }
    }
}
