using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>
/// Finds conflicts: the leaf feed names documents with several leaves, their leaves are read in parallel while the feed runs on,
/// and each is examined as soon as it is there. What waits between the steps is bounded in number and in bytes.
/// </summary>
/// <param name="source">Where from.</param>
/// <param name="store">The store's address for the issues.</param>
/// <param name="settings">Timestamps, types and field tiers.</param>
/// <param name="canAutoResolve">Whether the configured strategy decides a case without a person and without discarding an edit.</param>
/// <param name="options">How many batches at once, and how large.</param>
internal sealed class ConflictScanner(
    ICouchSource source, string store, ResolutionSettings settings, Func<ConflictCase, MergeVersions, bool> canAutoResolve, CouchOptions options)
{
    private const int BatchesAhead = 20;
    private const int BytesAtOnce = 4 * 1024 * 1024;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SettlingInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private static readonly string[] Kinds = [IssueTypes.MergeCandidates, IssueTypes.VersionMismatch, IssueTypes.ChecksumMismatch];
    private readonly ConflictExaminer examiner = new(settings);
    private readonly ConflictIssues made = new(store, settings, canAutoResolve);

    /// <summary>Scans. Issues come as they are found, in no particular order.</summary>
    /// <exception cref="IntegrityException">The source cannot be read.</exception>
    public async IAsyncEnumerable<IntegrityIssue> ScanAsync(
        ScanRequest request, ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var candidates = Channel.CreateBounded<CandidateBatch>(new BoundedChannelOptions(BatchesAhead) { SingleWriter = true });
        var issues = Channel.CreateBounded<FoundAndSettled>(BatchesAhead);
        var reached = new ConflictProgress(source, statistics);
        var work = RunAsync(request, statistics, candidates, issues, reached, stop);
        using var ticks = request.Progress is { } progress ? new Timer(_ => progress.Report(reached.Now), null, ProgressInterval, ProgressInterval) : null;
        try
        {
            await foreach (var item in issues.Reader.ReadAllAsync(cancellationToken))
            {
                foreach (var issue in item.Issues)
                {
                    reached.Found();
                    yield return issue;
                }

                if (item.Settled is { } place && request.Settled is { } settled)
                {
                    await settled(new ScanPosition { Leaves = new ScanCheckpoint { Sequence = place.Sequence, Rules = "" }, Documents = place.Documents }, cancellationToken);
                }
            }

            await work;
        }
        finally
        {
            // Whoever stops early (Select-Object -First 1) leaves no request behind.
            await stop.CancelAsync();
            await work.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        if (source.UnreadableEntries.Count > 0)
        {
            // What stands there may be anything.
            statistics.LeaveOut(request.Types, partly: true);
        }

        if (request.Types.Contains(IssueTypes.UnreadableEntry) && request.MinimumSeverity <= Severity.High)
        {
            foreach (var entry in source.UnreadableEntries)
            {
                yield return made.Unreadable(entry, request);
            }
        }
    }

    private async Task RunAsync(
        ScanRequest request, ScanStatistics statistics, Channel<CandidateBatch> candidates, Channel<FoundAndSettled> issues, ConflictProgress reached,
        CancellationTokenSource stop)
    {
        Exception? failure = null;
        var feed = new SettledFeed(statistics);
        using var ticks = new PeriodicTimer(SettlingInterval);

        // One request at a time is one for the feed or for a batch.
        using var turn = new SemaphoreSlim(options.MaxConcurrentOperations == 1 ? 1 : int.MaxValue);
        try
        {
            var workers = Enumerable.Range(0, Math.Max(1, options.MaxConcurrentOperations))
                .Select(_ => GuardAsync(() => ReadAsync(request, statistics, candidates.Reader, issues.Writer, feed, reached, turn, stop.Token)))
                .Append(GuardAsync(() => FeedAsync(request, statistics, candidates.Writer, feed, ticks, reached, turn, stop.Token)))
                .Append(GuardAsync(() => SettleAsync(feed, ticks, issues.Writer, stop.Token)));
            await Task.WhenAll(workers);
        }
        catch (Exception exception)
        {
            failure = exception;
            throw;
        }
        finally
        {
            issues.Writer.TryComplete(failure);
        }

        // The first failure ends all: its companions would only report that they were cancelled.
        async Task GuardAsync(Func<Task> work)
        {
            try
            {
                await Task.Run(work);
            }
            catch (Exception exception)
            {
                if (exception is not OperationCanceledException)
                {
                    issues.Writer.TryComplete(exception);
                }

                await stop.CancelAsync();
                throw;
            }
        }
    }

    private async Task FeedAsync(
        ScanRequest request, ScanStatistics statistics, ChannelWriter<CandidateBatch> candidates, SettledFeed feed, PeriodicTimer ticks,
        ConflictProgress reached, SemaphoreSlim turn, CancellationToken cancellationToken)
    {
        await using (var batches = new CandidateBatches(candidates, feed, options.BatchSize, Patience, cancellationToken))
        {
            if (request.Subjects.Count > 0)
            {
                foreach (var id in request.Subjects.Distinct(StringComparer.Ordinal))
                {
                    statistics.AddDocuments(1);
                    reached.Listed();
                    await batches.AddAsync(id, cancellationToken);
                }
            }
            else
            {
                await foreach (var entry in InTurnAsync(source.ReadConflictCandidatesAsync(statistics, cancellationToken), turn, cancellationToken))
                {
                    reached.Listed();
                    await batches.AddAsync(entry.Id, cancellationToken);
                }
            }

            reached.FeedEnded();
            await batches.FlushAsync(cancellationToken);
        }

        candidates.Complete();
        ticks.Dispose();
    }

    private static async IAsyncEnumerable<LeafEntry> InTurnAsync(
        IAsyncEnumerable<LeafEntry> entries, SemaphoreSlim turn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var each = entries.GetAsyncEnumerator(cancellationToken);
        while (await NextAsync())
        {
            yield return each.Current;
        }

        async Task<bool> NextAsync()
        {
            await turn.WaitAsync(cancellationToken);
            try
            {
                return await each.MoveNextAsync();
            }
            finally
            {
                turn.Release();
            }
        }
    }

    // Where conflicts are rare the feed alone goes on, and no batch ends that would tell how far.
    private static async Task SettleAsync(SettledFeed feed, PeriodicTimer ticks, ChannelWriter<FoundAndSettled> issues, CancellationToken cancellationToken)
    {
        while (await ticks.WaitForNextTickAsync(cancellationToken))
        {
            await issues.WriteAsync(new FoundAndSettled([], feed.Reached), cancellationToken);
        }
    }

    private async Task ReadAsync(
        ScanRequest request, ScanStatistics statistics, ChannelReader<CandidateBatch> candidates, ChannelWriter<FoundAndSettled> issues,
        SettledFeed feed, ConflictProgress reached, SemaphoreSlim turn, CancellationToken cancellationToken)
    {
        await foreach (var batch in candidates.ReadAllAsync(cancellationToken))
        {
            await turn.WaitAsync(cancellationToken);
            var waiting = new List<LeafSet>();
            var bytes = 0L;
            await foreach (var leaves in source.ReadLeavesAsync(batch.Ids, cancellationToken))
            {
                statistics.AddDocumentsRead(1);
                if (IsWanted(ConflictExaminer.Classify(leaves), leaves, request))
                {
                    waiting.Add(leaves);
                    bytes += leaves.Leaves.Sum(leaf => (long)leaf.Body.Utf8.Length);
                }

                if (bytes > BytesAtOnce)
                {
                    await issues.WriteAsync(new FoundAndSettled(await ExamineAsync(waiting, request, cancellationToken), null), cancellationToken);
                    waiting.Clear();
                    bytes = 0;
                }
            }

            var found = await ExamineAsync(waiting, request, cancellationToken);
            turn.Release();
            feed.End(batch);
            reached.Examined(batch.Ids.Count);
            await issues.WriteAsync(new FoundAndSettled(found, feed.Reached), cancellationToken);
        }
    }

    private bool IsWanted(string? type, LeafSet leaves, ScanRequest request)
    {
        // A filter by kinds is about conflicts of two live leaves; whether they are of that kind shows when they are examined.
        if (type is null || !(request.Types.Contains(type) || (type == IssueTypes.RevisionConflict
            && (request.Types.Overlaps(Kinds) || (request.Types.Contains(IssueTypes.EditDeleteConflict) && ConflictExaminer.HasEditDeletion(leaves))))))
        {
            return false;
        }

        return request.DocumentTypes.Count == 0
            || (examiner.DocumentTypeOf(leaves.Winner) is { } documentType
                && request.DocumentTypes.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, documentType, ignoreCase: false)));
    }

    private async Task<IReadOnlyList<IntegrityIssue>> ExamineAsync(List<LeafSet> waiting, ScanRequest request, CancellationToken cancellationToken)
    {
        var wanted = waiting
            .Where(leaves => leaves.Live.Any())
            .SelectMany(leaves => ConflictExaminer.AncestorsOf(leaves).Select(ancestor => new RevisionRequest(leaves.Id, ancestor)))
            .ToList();
        var ancestors = new Dictionary<string, Dictionary<RevisionId, DocumentRevision>>(StringComparer.Ordinal);
        await foreach (var ancestor in source.ReadRevisionsAsync(wanted, cancellationToken))
        {
            if (!ancestors.TryGetValue(ancestor.Id, out var known))
            {
                ancestors[ancestor.Id] = known = [];
            }

            known[ancestor.Revision] = ancestor;
        }

        var issues = new List<IntegrityIssue>(waiting.Count);
        foreach (var leaves in waiting)
        {
            var found = new ConflictCase(leaves, ancestors.GetValueOrDefault(leaves.Id) ?? []);
            if (made.Of(found, request) is { } issue && issue.Severity >= request.MinimumSeverity && issue.IsOf(request.Types))
            {
                issues.Add(issue);
            }
        }

        return issues;
    }

    /// <summary>What was found together, which wakes the reader once; and up to where all is found with it, if that is known.</summary>
    private sealed record FoundAndSettled(IReadOnlyList<IntegrityIssue> Issues, ScanReach? Settled);
}
