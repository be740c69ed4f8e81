using System.Globalization;
using System.Runtime.CompilerServices;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>Scans a database on a server: decides which of its documents are looked at, and notes where an incremental scan can go on.</summary>
/// <param name="client">The database.</param>
/// <param name="source">The same, as the passes read it.</param>
/// <param name="resolution">What conflicts are judged by.</param>
/// <param name="validation">What content is judged by.</param>
/// <param name="passes">The passes over what a source lists.</param>
internal sealed class ServerScan(
    CouchClient client, ICouchSource source, ResolutionSettings resolution, ValidationSettings validation, Func<ICouchSource, CouchScan> passes)
{
    // Of each shard some: a feed backwards is not in the order of time across them.
    private const int Witnesses = 12;

    // What shows only when all documents stand side by side.
    private static readonly string[] WholeOnly = [IssueTypes.IdCollision, IssueTypes.SemanticDuplicate];

    /// <summary>Scans.</summary>
    public async IAsyncEnumerable<IntegrityIssue> ScanAsync(
        ScanRequest request, ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var info = await client.OpenAsync(cancellationToken);
        var rules = await ScanRules.DigestAsync(source, resolution, validation, cancellationToken);
        var changed = await ChangedAsync(request, statistics, info, rules, cancellationToken);
        if (changed is not null)
        {
            request = LeaveOut(WholeOnly, request, statistics);
        }

        await foreach (var issue in passes(changed ?? source).ScanAsync(request, statistics, cancellationToken))
        {
            yield return issue;
        }

        if (changed is { Deleted: > 0 } && request.Types.Contains(IssueTypes.MissingReference))
        {
            statistics.Remark(string.Create(
                CultureInfo.InvariantCulture,
                $"{changed.Deleted:N0} of the changed documents are deleted now: only a whole scan finds documents that were not changed and refer to them."));
        }

        // A pass over bodies sees at least what was there before it began.
        statistics.LastSequence ??= info.UpdateSequence;
        if (statistics.LastSequence is { } sequence && request.Subjects.Count == 0 && request.DocumentTypes.Count == 0)
        {
            await NoteCheckpointAsync(sequence, info, rules, statistics, cancellationToken);
        }
    }

    private static ScanRequest LeaveOut(IEnumerable<string> codes, ScanRequest request, ScanStatistics statistics)
    {
        var left = request.Types.Intersect(codes).ToList();
        if (left.Count > 0)
        {
            statistics.LeaveOut(left);
            statistics.Remark($"Only a whole scan looks for {string.Join(", ", left)}.");
        }

        return request with { Types = request.Types.Except(left).ToHashSet(StringComparer.Ordinal) };
    }

    private async Task<ChangedSource?> ChangedAsync(
        ScanRequest request, ScanStatistics statistics, DatabaseInfo info, string rules, CancellationToken cancellationToken)
    {
        if (!request.Incremental)
        {
            return null;
        }

        var why = request.Since is { } since
            ? await IncrementalStart.WhyNotAsync(client, source, since, info, rules, cancellationToken)
            : "no earlier scan of it has ended that looked for all of this";
        if (why is null)
        {
            statistics.SinceSequence = request.Since!.Sequence;
            return new ChangedSource(source, client, request.Since.Sequence);
        }

        statistics.Remark($"Everything was looked at: {why}.");
        return null;
    }

    private async Task NoteCheckpointAsync(
        string sequence, DatabaseInfo info, string rules, ScanStatistics statistics, CancellationToken cancellationToken)
    {
        try
        {
            var last = await client.GetLastChangesAsync(Witnesses, cancellationToken);
            statistics.Checkpoint = new ScanCheckpoint
            {
                Sequence = sequence,
                Incarnation = info.Incarnation,
                Rules = rules,
                // An id that two shards hold is listed twice.
                Witnesses = last.DistinctBy(entry => entry.Id, StringComparer.Ordinal).ToDictionary(entry => entry.Id, entry => entry.Leaves[0].ToString(), StringComparer.Ordinal),
            };
        }
        catch (IntegrityException exception)
        {
            // Everything is found: it is only the next scan that has to look at everything again.
            statistics.Remark($"No incremental scan can go on from this one: {exception.Message}");
        }
    }
}
