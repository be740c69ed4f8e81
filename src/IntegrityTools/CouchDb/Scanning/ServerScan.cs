using System.Globalization;
using System.Runtime.CompilerServices;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Sharing;
using IntegrityTools.CouchDb.Storage;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>Scans a database on a server: decides which of its documents are looked at, and notes where another scan can go on.</summary>
/// <param name="client">The database.</param>
/// <param name="source">The same, as the passes read it.</param>
/// <param name="resolution">What conflicts are judged by.</param>
/// <param name="validation">What content is judged by.</param>
/// <param name="passes">The passes over what a source lists.</param>
internal sealed class ServerScan(
    CouchClient client, ICouchSource source, ResolutionSettings resolution, ValidationSettings validation, Func<ICouchSource, CouchScan> passes)
{
    // What shows only when all documents stand side by side.
    private static readonly string[] WholeOnly = [IssueTypes.IdCollision, IssueTypes.SemanticDuplicate];

    // What is about the database and not about documents.
    private static readonly IEnumerable<string> OfDatabase = StorageScanner.Types;

    // Documents are counted by whole passes, too.
    private static readonly IEnumerable<string> AlwaysWhole = OfDatabase.Except([IssueTypes.CountMismatch]);

    /// <summary>Scans.</summary>
    public async IAsyncEnumerable<IntegrityIssue> ScanAsync(
        ScanRequest request, ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (request.Shared is SharedMember member)
        {
            await foreach (var issue in new SharedScan(client, source, passes).ScanAsync(member, request, statistics, cancellationToken))
            {
                yield return issue;
            }

            if (member.Checkpoint is { } shared)
            {
                statistics.LastSequence = shared.Sequence;
                await NoteCheckpointAsync(shared, IncrementalStart.WitnessesAsync(client, cancellationToken), statistics);
            }

            yield break;
        }

        var info = await client.OpenAsync(cancellationToken);
        var here = new ScanCheckpoint
        {
            Sequence = info.UpdateSequence ?? "",
            Incarnation = info.Incarnation,
            Rules = await ScanRules.DigestAsync(source, resolution, validation, cancellationToken),
        };
        var from = source;
        if (request.Partition is { } partition)
        {
            from = new RangeSource(source, new ServerSource(client), client, OfPartition(partition, info));
            request = LeaveOut([.. OfDatabase, .. WholeOnly], request, statistics);
            if (request.Types.Count == 0)
            {
                throw new IntegrityException(
                    ErrorIds.InvalidArgument, $"Of a partition none of these can be told: {string.Join(", ", statistics.LeftOut)}.", client.Store, "Scan the whole database for them.");
            }
        }
        else if (await ChangedAsync(request, statistics, here, cancellationToken) is { } changed)
        {
            from = changed;
            request = LeaveOut(WholeOnly, request, statistics);
        }

        // What was changed is looked at from its beginning again: only then is it known of which issues nothing is left.
        request = await ResumeAsync(from is ChangedSource ? request with { From = null } : request, statistics, here, cancellationToken);
        Task<IReadOnlyDictionary<string, string>>? witnesses = null;
        try
        {
            void Read() => witnesses = IncrementalStart.WitnessesAsync(client, cancellationToken);
            await foreach (var issue in passes(from).ScanAsync(request, statistics, cancellationToken, IsOfAll(request) ? Read : null))
            {
                yield return issue;
            }
        }
        finally
        {
            // Whoever stops early leaves no request behind.
            await ((Task?)witnesses ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (from is ChangedSource { Deleted: var deleted })
        {
            var known = await (request.Known ?? Task.FromResult(new KnownSubjects()));
            known.SawAll(AlwaysWhole);
            TellOfReferences(deleted, request, known, statistics);
        }

        if (witnesses is not null)
        {
            statistics.LastSequence ??= here.Sequence;
            await NoteCheckpointAsync(here with { Sequence = statistics.LastSequence }, witnesses, statistics);
        }
    }

    private static bool IsOfAll(ScanRequest request) => request.Subjects.Count == 0 && request.DocumentTypes.Count == 0 && request.Partition is null;

    private static void TellOfReferences(long deleted, ScanRequest request, KnownSubjects known, ScanStatistics statistics)
    {
        if (deleted > 0 && request.Types.Contains(IssueTypes.MissingReference))
        {
            statistics.Remark(string.Create(
                CultureInfo.InvariantCulture,
                $"{Counted.Of(deleted, "changed document")} deleted meanwhile: only a whole scan finds documents that were not changed and refer to them."));
        }

        if (request.Types.Contains(IssueTypes.MissingReference) && known.NotSeen(IssueTypes.MissingReference) is > 0 and var left)
        {
            statistics.Remark(string.Create(
                CultureInfo.InvariantCulture,
                $"Known missing references in documents that were not changed ({left:N0}) stay open: whether what they refer to is there again, only a whole scan tells."));
        }
    }

    private DocumentRange OfPartition(string partition, DatabaseInfo info)
    {
        if (!info.Partitioned)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument, "The database is not partitioned.", client.Store, $"Scan it without a partition; {CommandWords.Option("--subject and --document-type", "-Subject and -DocumentType")} narrow a scan, too.");
        }

        return partition.Length > 0 && partition[0] != '_' && !partition.Contains(':', StringComparison.Ordinal)
            ? new DocumentRange(Partition: partition)
            : throw new IntegrityException(
                ErrorIds.InvalidArgument, $"'{partition}' is no partition's name.", client.Store, "Give what stands before the colon of its documents' ids.");
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
        ScanRequest request, ScanStatistics statistics, ScanCheckpoint here, CancellationToken cancellationToken)
    {
        if (!request.Incremental)
        {
            return null;
        }

        var why = request.Types.Count > 0 && request.Types.All(WholeOnly.Contains) ? $"only a whole scan looks for {string.Join(", ", request.Types.Order(StringComparer.Ordinal))}"
            : request.Since is { } since
            ? await IncrementalStart.WhyNotAsync(client, source, since, here, cancellationToken)
            : "no earlier scan of it has ended that looked for all of this";
        if (why is null)
        {
            statistics.SinceSequence = request.Since!.Sequence;
            return new ChangedSource(source, client, request.Since.Sequence, request.Known is null ? null : await request.Known);
        }

        statistics.Remark($"Everything was looked at: {why}.");
        return null;
    }

    /// <summary>Goes on where the scan was cut, when the database is still the same; and lets every place to go on from say of which database it is.</summary>
    private async Task<ScanRequest> ResumeAsync(ScanRequest request, ScanStatistics statistics, ScanCheckpoint here, CancellationToken cancellationToken)
    {
        if (request.From?.Leaves is { } reached)
        {
            if (await IncrementalStart.WhyNotAsync(client, source, reached, here, cancellationToken) is { } why)
            {
                statistics.Remark($"The scan was begun anew: {why}.");
                request = request with { From = null };
            }
            else
            {
                statistics.ResumeSequence = reached.Sequence;
                statistics.LastSequence = reached.Sequence;
                statistics.AddDocuments(request.From.Documents);
            }
        }

        if (request.Settled is { } settled && request.Partition is null)
        {
            return request with
            {
                Settled = (position, token) => settled(
                    position with { Leaves = here with { Sequence = position.Leaves?.Sequence ?? statistics.LastSequence ?? here.Sequence } }, token),
            };
        }

        return request with { Settled = null };
    }

    private static async Task NoteCheckpointAsync(ScanCheckpoint checkpoint, Task<IReadOnlyDictionary<string, string>> witnesses, ScanStatistics statistics)
    {
        try
        {
            statistics.Checkpoint = checkpoint with { Witnesses = await witnesses, Missed = [.. checkpoint.Missed.Union(statistics.Missed)] };
        }
        catch (IntegrityException exception)
        {
            // Everything is found: it is only the next scan that has to look at everything again.
            statistics.Remark($"No incremental scan can go on from this one: {exception.Message}");
        }
    }
}
