using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.CouchDb.Scanning;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>
/// Saves a database as a dump: of each document that the leaf feed lists the bodies of its branch points, as far as the server has them,
/// then every leaf with history and attachments. Written in rounds: after each one the dump is flushed, and a run that was killed goes on there.
/// </summary>
internal sealed class ServerBackup(CouchClient client, ICouchSource source, BackupRequest request) : IDisposable
{
    // Large enough that the lanes rarely wait for the last of a round, small enough to lose little.
    private const int RoundSize = 20_000;

    private readonly SemaphoreSlim writing = new(1, 1);

    // The data of attachments is the one thing that can be large: of documents with more than this, one's at a time is in memory or in the temporary folder.
    private const long MuchData = 1 << 20;
    private readonly SemaphoreSlim readingAttachments = new(1, 1);
    private long documents;
    private long attachments;
    private bool continued;

    /// <inheritdoc/>
    public void Dispose()
    {
        writing.Dispose();
        readingAttachments.Dispose();
    }

    /// <summary>Writes the dump, and with <see cref="BackupRequest.IncludeLocal"/> a second one with the <c>_local</c> documents.</summary>
    public async Task<BackupManifest> RunAsync(CancellationToken cancellationToken)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var info = await client.OpenAsync(cancellationToken).ConfigureAwait(false);
        var parent = request.Parent;
        List<string> remarks = [];
        if (parent is not null && await WhyNotAfterAsync(parent, info, cancellationToken).ConfigureAwait(false) is { } why)
        {
            remarks.Add($"A full backup instead of an incremental one: {why}.");
            parent = null;
        }

        var begun = new PartialBackup(
            request.Target.Reference.Address.Canonical, info.Incarnation, info.PurgeSequence, parent?.Id, request.Compress, DateTimeOffset.UtcNow, parent?.LastSequence, null, 0, 0);
        var state = PartialBackup.Find(request, begun) is { } found
            && await IsStillAsync(new ScanCheckpoint { Sequence = found.Sequence ?? "", Incarnation = found.Incarnation, Rules = "" }, info, found.Store, cancellationToken).ConfigureAwait(false) is null
                ? found : begun;
        documents = state.Documents;
        attachments = state.Attachments;
        continued = state.Dump is not null;
        if (!continued)
        {
            PartialBackup.Remove(request);
        }

        var path = request.FileFor(state.CreatedAt, request.Compress ? ".jsonl.gz" : ".jsonl");
        var form = new DumpForm { Compress = request.Compress, PartialPath = PartialBackup.DumpPath(request), From = state.Dump };
        long revisions;
        await using (var writer = new DumpWriter(path, form))
        {
            state = await SaveAsync(writer, state, info, cancellationToken).ConfigureAwait(false);
            writer.IsContinued = continued;
            await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            revisions = writer.Revisions;
        }

        PartialBackup.Remove(request);
        var files = new List<BackupFile> { await IntegrityTools.Backups.BackupDigests.DescribeAsync(path, "documents", cancellationToken).ConfigureAwait(false) };
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["documents"] = documents,
            ["revisions"] = revisions,
            ["attachments"] = attachments,
        };
        if (request.IncludeLocal)
        {
            var local = request.FileFor(state.CreatedAt, request.Compress ? ".local.jsonl.gz" : ".local.jsonl");
            counts["local"] = await SaveLocalAsync(local, cancellationToken).ConfigureAwait(false);
            files.Add(await IntegrityTools.Backups.BackupDigests.DescribeAsync(local, "local", cancellationToken).ConfigureAwait(false));
        }

        var settings = await DatabaseSettings.ReadAsync(client, cancellationToken).ConfigureAwait(false);
        remarks.AddRange(DatabaseSettings.NotShown(client, settings).Select(setting => $"{setting} is not in the backup: the server shows it to its admins only."));
        return new BackupManifest
        {
            Id = request.Id,
            Kind = request.Target.Reference.Address.Kind,
            Store = state.Store,
            Mode = parent is null ? BackupMode.Full : BackupMode.Incremental,
            Method = "leaf_feed",
            CreatedAt = state.CreatedAt,
            DurationMs = watch.ElapsedMilliseconds,
            Files = files,
            Counts = counts,
            Parent = parent?.Id,
            SinceSequence = parent?.LastSequence,
            LastSequence = state.Sequence,
            Incarnation = info.Incarnation,
            PurgeSequence = info.PurgeSequence,
            Continued = continued,
            Witnesses = await WitnessesAsync(remarks, cancellationToken).ConfigureAwait(false),
            Settings = settings,
            Remarks = remarks,
            ToolVersion = ToolVersion.Text,
            EngineVersion = await client.GetServerVersionAsync(cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>Why nothing can be built on an earlier backup; null: what was changed since is enough.</summary>
    private async Task<string?> WhyNotAfterAsync(BackupManifest parent, DatabaseInfo info, CancellationToken cancellationToken)
    {
        if (parent.PurgeSequence is not null && IncrementalStart.Number(parent.PurgeSequence) != IncrementalStart.Number(info.PurgeSequence))
        {
            return $"documents were purged since {parent.Id}, which the changes do not name";
        }

        var since = new ScanCheckpoint { Sequence = parent.LastSequence!, Incarnation = parent.Incarnation, Witnesses = parent.Witnesses, Rules = "" };
        return await IsStillAsync(since, info, parent.Id, cancellationToken).ConfigureAwait(false);
    }

    private Task<string?> IsStillAsync(ScanCheckpoint since, DatabaseInfo info, string earlier, CancellationToken cancellationToken) => IncrementalStart.WhyNotAsync(
        client, source, since, new ScanCheckpoint { Sequence = info.UpdateSequence ?? "", Incarnation = info.Incarnation, Rules = "" }, cancellationToken, earlier);

    private async Task<IReadOnlyDictionary<string, string>> WitnessesAsync(List<string> remarks, CancellationToken cancellationToken)
    {
        try
        {
            return await IncrementalStart.WitnessesAsync(client, cancellationToken).ConfigureAwait(false);
        }
        catch (IntegrityException exception) when (exception.ErrorId != ErrorIds.StoreNotFound)
        {
            remarks.Add($"Which documents were written last could not be asked: {exception.Message}");
            return new Dictionary<string, string>();
        }
    }

    private async Task<PartialBackup> SaveAsync(DumpWriter writer, PartialBackup state, DatabaseInfo info, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var feed = new BackupFeed(client, state.Sequence, RoundSize);
        var expected = state.Parent is null ? info.Documents + (info.DeletedDocuments ?? 0) : (long?)null;
        var next = feed.ReadAsync(failed.Token);
        for (BackupRound round; ;)
        {
            round = await next.ConfigureAwait(false);
            next = round.Last ? Task.FromResult(round) : feed.ReadAsync(failed.Token);
            try
            {
                await Parallel.ForEachAsync(
                    round.InOrder().Chunk(client.Options.BatchSize),
                    new ParallelOptions { MaxDegreeOfParallelism = client.Options.MaxConcurrentOperations, CancellationToken = cancellationToken },
                    async (batch, token) =>
                    {
                        await SaveAsync(writer, batch, token).ConfigureAwait(false);
                        request.Progress?.Report(new WorkProgress("Backing up", Interlocked.Read(ref documents), expected, "documents", 0));
                    }).ConfigureAwait(false);
            }
            catch
            {
                // The feed that was read ahead must have come to rest before it is closed.
                await failed.CancelAsync().ConfigureAwait(false);
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }

            var dump = await writer.CheckpointAsync(cancellationToken).ConfigureAwait(false);
            state = state with { Sequence = round.Sequence, Dump = dump, Documents = documents, Attachments = attachments };
            continued |= feed.Broke;
            if (round.Last)
            {
                return state;
            }

            state.Write(request);
        }
    }

    private async Task SaveAsync(DumpWriter writer, LeafEntry[] batch, CancellationToken cancellationToken)
    {
        // The many are written as they arrive; those with branches wait for the ancestors of all of them, which are read at once.
        var branched = new List<LeafSet>();
        await foreach (var leaves in source.ReadLeavesAsync(Array.ConvertAll(batch, entry => entry.Id), cancellationToken).ConfigureAwait(false))
        {
            if (leaves.Leaves.Count > 1)
            {
                branched.Add(leaves);
            }
            else
            {
                await SaveAsync(writer, [.. leaves.Leaves], cancellationToken).ConfigureAwait(false);
            }
        }

        var points = branched.SelectMany(leaves => RevisionTree.BranchPoints(leaves.Leaves).Select(point => new RevisionRequest(leaves.Id, point))).ToList();
        var ancestors = await source.ReadRevisionsAsync(points, cancellationToken)
            .ToLookupAsync(ancestor => ancestor.Id, StringComparer.Ordinal, cancellationToken).ConfigureAwait(false);
        foreach (var leaves in branched)
        {
            await SaveAsync(writer, [.. ancestors[leaves.Id].OrderBy(ancestor => ancestor.Revision), .. leaves.Leaves], cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SaveAsync(DumpWriter writer, List<DocumentRevision> saved, CancellationToken cancellationToken)
    {
        var held = saved.SelectMany(revision => revision.Attachments).ToList();
        if (held.Sum(attachment => attachment.Length ?? MuchData + 1) > MuchData)
        {
            await readingAttachments.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await WriteAsync(writer, saved, withAttachments: true, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                readingAttachments.Release();
            }
        }
        else
        {
            await WriteAsync(writer, saved, held.Count > 0, cancellationToken).ConfigureAwait(false);
        }
    }

    // A document's revisions stand together: a reader has them all before it comes to the next.
    private async Task WriteAsync(DumpWriter writer, List<DocumentRevision> revisions, bool withAttachments, CancellationToken cancellationToken)
    {
        try
        {
            for (var index = 0; withAttachments && index < revisions.Count; index++)
            {
                revisions[index] = revisions[index].Attachments.Count == 0 ? revisions[index] : await WholeAsync(revisions[index], cancellationToken).ConfigureAwait(false);
            }

            await writing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                foreach (var revision in revisions)
                {
                    writer.HasAttachments |= revision.Attachments.Count > 0;
                    attachments += revision.Attachments.Count;
                    await writer.WriteAsync(revision, cancellationToken).ConfigureAwait(false);
                }

                documents++;
            }
            finally
            {
                writing.Release();
            }
        }
        finally
        {
            revisions.ForEach(revision => revision.Release());
        }
    }

    private async Task<DocumentRevision> WholeAsync(DocumentRevision revision, CancellationToken cancellationToken) =>
        await source.HoldAsync(revision, cancellationToken).ConfigureAwait(false)
        ?? throw new IntegrityException(
            ErrorIds.BackupFailed, $"Revision {revision.Revision} is gone while its attachments were being saved.", revision.Id,
            "Run the command again: it goes on where it stopped.");

    private async Task<long> SaveLocalAsync(string path, CancellationToken cancellationToken)
    {
        await using var writer = new DumpWriter(path, new DumpForm { Compress = request.Compress });
        await foreach (var document in new LocalDocuments(client).ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            await writer.WriteAsync(document, cancellationToken).ConfigureAwait(false);
        }

        await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return writer.Revisions;
    }
}
