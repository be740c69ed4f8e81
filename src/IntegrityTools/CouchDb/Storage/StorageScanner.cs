using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>Finds faults in how a CouchDB server keeps a database. It asks a few small questions, whatever the size of the database, and makes the server build nothing.</summary>
/// <param name="client">The database.</param>
/// <param name="store">The store's address for the issues.</param>
/// <param name="queries">The configured queries of the application.</param>
internal sealed class StorageScanner(CouchClient client, string store, IReadOnlyList<RawJson> queries)
{
    /// <summary>The types that this pass finds.</summary>
    public static IReadOnlySet<string> Types { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        IssueTypes.OrphanedRevisions, IssueTypes.CountMismatch, IssueTypes.StaleIndex, IssueTypes.BrokenIndex, IssueTypes.UnusedIndex, IssueTypes.MissingIndex,
    };

    /// <summary>Scans.</summary>
    /// <param name="request">What to look for.</param>
    /// <param name="counted">What the passes before it have counted.</param>
    /// <param name="statistics">Told what is to be known about the result.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">The server cannot be asked.</exception>
    public async IAsyncEnumerable<IntegrityIssue> ScanAsync(
        ScanRequest request, PassCounts counted, ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var before = await client.OpenAsync(cancellationToken);
        if (!client.IsCouchDb || request.DocumentTypes.Count > 0)
        {
            yield break; // Other servers of the protocol keep their data in other ways; a design document has no type.
        }

        var questions = new StorageQuestions(client);
        var issues = new StorageIssues(store, request);
        await foreach (var issue in FindAsync(questions, issues, before, counted, statistics, cancellationToken))
        {
            if (request.IsMeant(issue))
            {
                yield return issue;
            }
        }
    }

    private async IAsyncEnumerable<IntegrityIssue> FindAsync(
        StorageQuestions questions, StorageIssues issues, DatabaseInfo before, PassCounts counted, ScanStatistics statistics,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var counts = new CountCheck(questions, issues);
        var counting = issues.Wants(IssueTypes.CountMismatch) ? counts.CountDocumentsAsync(before, counted, cancellationToken) : Task.FromResult<IntegrityIssue?>(null);
        var designs = questions.GetDesignDocumentsAsync(cancellationToken);
        await Task.WhenAll(counting, designs);
        var indexes = new Dictionary<DesignDocument, IndexState>();
        foreach (var design in await designs)
        {
            if (await questions.GetIndexAsync(design, cancellationToken) is { } state)
            {
                indexes.Add(design, state);
            }
        }

        if (before.Partitioned && issues.Wants(IssueTypes.BrokenIndex) && indexes.Keys.Any(design => !design.IsGlobal && design.Views.Any(view => view.Reduce is not null)))
        {
            statistics.Remark("The database is partitioned: whether the reductions of its views work was tried on one partition of each shard.");
        }

        foreach (var (design, state) in indexes)
        {
            if ((issues.Wants(IssueTypes.StaleIndex) || issues.Wants(IssueTypes.BrokenIndex))
                && await new IndexCheck(questions, issues).RunAsync(design, state, cancellationToken) is { } index)
            {
                yield return index;
            }
        }

        if (queries.Count > 0 && (issues.Wants(IssueTypes.UnusedIndex) || issues.Wants(IssueTypes.MissingIndex)))
        {
            foreach (var issue in await new QueryCheck(questions, issues, queries).RunAsync(statistics, cancellationToken))
            {
                yield return issue;
            }
        }

        if (await counting is { } documents)
        {
            yield return documents;
        }

        if (issues.Wants(IssueTypes.CountMismatch) && indexes.Count > 0)
        {
            foreach (var issue in await counts.CountIndexesAsync(indexes.Keys, cancellationToken))
            {
                yield return issue;
            }
        }

        if (issues.Wants(IssueTypes.OrphanedRevisions)
            && await new SizeCheck(questions, new RevisionSample(client), issues).RunAsync(counts.Latest ?? await questions.GetInfoAsync(cancellationToken), indexes, cancellationToken) is { } wasteful)
        {
            yield return wasteful;
        }
    }
}
