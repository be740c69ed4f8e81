using System.Buffers;
using System.Collections.Concurrent;
using IntegrityTools.Backups;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>
/// Restores a chain of dumps into a database with the revisions that it had. A document that the database has in a newer state is left
/// alone and told; overwritten it is only when that was asked for, after its present leaves were saved.
/// </summary>
internal sealed class ServerRestore(CouchClient client, ICouchSource source, RestoreRequest request)
{
    private readonly ConcurrentDictionary<string, bool> newer = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> failed = [];
    private long written;
    private long unchanged;
    private long done;

    /// <summary>Restores; a run that was cut off is simply run again: what is there already is not written twice.</summary>
    public async Task<RestoreReport> RunAsync(CancellationToken cancellationToken)
    {
        var info = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var created = info is null;
        if (created && !request.DryRun)
        {
            await client.CreateDatabaseAsync(cancellationToken).ConfigureAwait(false);
        }

        // An empty database has nothing that could be newer: nothing needs to be asked.
        var empty = info is null || (info.Documents == 0 && info.DeletedDocuments is 0);
        string? aside = null;
        if (!empty)
        {
            await EachAsync((batch, token) => CompareAsync(batch, write: false, token), "Comparing", cancellationToken).ConfigureAwait(false);
            if (request.Overwrite && !request.DryRun && !newer.IsEmpty)
            {
                aside = await SetAsideAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        if (!request.DryRun)
        {
            (written, unchanged) = (0, 0);
            await EachAsync(
                (batch, token) => empty ? WriteAsync(batch, token) : CompareAsync(batch, write: true, token), "Restoring", cancellationToken).ConfigureAwait(false);
            if (created)
            {
                await RestoreSettingsAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        else if (empty)
        {
            await foreach (var batch in new SavedDocuments(request.Chain, request.Subjects).ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                written += batch.Count;
            }
        }

        return new RestoreReport
        {
            BackupId = request.Chain[^1].Id,
            Store = request.Target.Reference.Address.Canonical,
            DryRun = request.DryRun,
            Created = created,
            Written = written,
            Unchanged = unchanged,
            Newer = [.. newer.Keys.Order(StringComparer.Ordinal)],
            Overwritten = request.Overwrite && !newer.IsEmpty,
            Failed = [.. failed.Order(StringComparer.Ordinal)],
            SetAside = aside,
        };
    }

    private async Task<DatabaseInfo?> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await client.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IntegrityException missing) when (missing.ErrorId == ErrorIds.StoreNotFound)
        {
            return null;
        }
    }

    private Task EachAsync(Func<IReadOnlyList<SavedDocument>, CancellationToken, Task> work, string activity, CancellationToken cancellationToken)
    {
        done = 0;
        var total = request.Subjects.Count > 0 ? request.Subjects.Count : request.Chain.Sum(link => link.Counts.GetValueOrDefault("documents"));
        return Parallel.ForEachAsync(
            new SavedDocuments(request.Chain, request.Subjects).ReadAsync(cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = client.Options.MaxConcurrentOperations, CancellationToken = cancellationToken },
            async (batch, token) =>
            {
                await work(batch, token).ConfigureAwait(false);
                var now = Interlocked.Add(ref done, batch.Count);
                request.Progress?.Report(new WorkProgress(activity, now, total, "documents", 0));
            });
    }

    private async Task CompareAsync(IReadOnlyList<SavedDocument> batch, bool write, CancellationToken cancellationToken)
    {
        var there = await LeafSets.ReadAsync(source, batch.Select(document => document.Id), cancellationToken).ConfigureAwait(false);
        var missing = new List<SavedDocument>();
        foreach (var document in batch)
        {
            if (!there.TryGetValue(document.Id, out var leaves))
            {
                missing.Add(document);
            }
            else if (document.IsIn(leaves))
            {
                Interlocked.Increment(ref unchanged);
            }
            else if (!document.NewerIn(leaves).Any())
            {
                missing.Add(document);
            }
            else if (!write)
            {
                newer[document.Id] = true;
                written += request.Overwrite ? 1 : 0;
            }
            else if (request.Overwrite && newer.ContainsKey(document.Id))
            {
                await OverwriteAsync(document, leaves, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                // Newer only since the comparison: it was neither listed nor saved, so it is left alone.
                newer[document.Id] = true;
            }
        }

        if (write)
        {
            await WriteAsync(missing, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Interlocked.Add(ref written, missing.Count);
        }
    }

    private async Task WriteAsync(IReadOnlyList<SavedDocument> documents, CancellationToken cancellationToken)
    {
        if (documents.Count == 0)
        {
            return;
        }

        IReadOnlyList<WriteResult> refused;
        try
        {
            refused = await client.BulkDocsAsync(
                [.. documents.SelectMany(document => document.Revisions).Select(revision => revision.Body)], newEdits: false, cancellationToken).ConfigureAwait(false);
        }
        catch (IntegrityException large) when (large.ErrorId == ErrorIds.TooLarge && documents.Count > 1)
        {
            await WriteAsync([.. documents.Take(documents.Count / 2)], cancellationToken).ConfigureAwait(false);
            await WriteAsync([.. documents.Skip(documents.Count / 2)], cancellationToken).ConfigureAwait(false);
            return;
        }
        catch (IntegrityException large) when (large.ErrorId == ErrorIds.TooLarge)
        {
            failed.Add($"{documents[0].Id}: {large.Message} {large.NextStep}");
            return;
        }

        var errors = refused.Where(result => result.Error is not null).ToList();
        foreach (var error in errors)
        {
            failed.Add($"{error.Id}: {error.Error}: {error.Reason}");
        }

        Interlocked.Add(ref written, documents.Count - errors.DistinctBy(error => error.Id).Count());
    }

    /// <summary>
    /// Gives each branch back what the backup has of it, as a new revision on top of what is there now: a store never takes an old
    /// revision twice. Branches that the backup does not know get a tombstone. Each write names the leaf that it replaces.
    /// </summary>
    private async Task OverwriteAsync(SavedDocument document, LeafSet there, CancellationToken cancellationToken)
    {
        // What the backup has and the database has not comes first, so that nothing is removed before its successor is there.
        if (document.Leaves.Any(leaf => !there.Leaves.Any(present => present.History.Contains(leaf.Revision))))
        {
            await WriteAsync([document], cancellationToken).ConfigureAwait(false);
            Interlocked.Decrement(ref written);
        }

        var changes = document.NewerIn(there)
            .Select(leaf => (Leaf: leaf, Base: document.BaseOf(leaf)))
            .Where(change => !change.Leaf.Deleted || change.Base is { Deleted: false })
            .OrderBy(change => change.Base is null)
            .Select(change => change.Base is { } old
                ? new NewRevision(change.Leaf, old.Deleted, old.Body, AttachmentText.AsNew(DocumentText.AttachmentsOf(old.Body)))
                : NewRevision.Tombstone(change.Leaf))
            .ToList();

        // A tombstone takes no child by its name. One stored as replication does stands beside whatever was written meanwhile.
        var revived = changes.Where(change => change.Parent.Deleted).Select(change =>
        {
            var text = new ArrayBufferWriter<byte>();
            DocumentText.WriteWithHistory(change, DocumentText.NextRevision(change), text);
            return new RawJson(text.WrittenMemory);
        }).ToList();
        var errors = (await client.BulkDocsAsync(revived, newEdits: false, cancellationToken).ConfigureAwait(false))
            .Where(result => result.Error is not null).Select(result => $"{result.Error}: {result.Reason}").ToList();
        var outcomes = await new ServerRevisionWriter(client, new RevisionMemory())
            .WriteAsync([.. changes.Where(change => !change.Parent.Deleted)], cancellationToken).ConfigureAwait(false);
        errors.AddRange(outcomes.Where(outcome => outcome.Revision is null).Select(outcome => outcome.Error!));
        if (errors.Count > 0)
        {
            failed.Add($"{document.Id}: {errors[0]}");
        }
        else
        {
            Interlocked.Increment(ref written);
        }
    }

    private async Task<string> SetAsideAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(request.SetAsideFolder);
        var id = Identifiers.New("backup");
        var moment = DateTimeOffset.UtcNow;
        var path = Path.Combine(request.SetAsideFolder, id + ".jsonl");
        long revisions;
        await using (var writer = new DumpWriter(path))
        {
            foreach (var ids in newer.Keys.Order(StringComparer.Ordinal).Chunk(client.Options.BatchSize))
            {
                await foreach (var leaves in source.ReadLeavesAsync(ids, cancellationToken).ConfigureAwait(false))
                {
                    foreach (var leaf in leaves.Leaves)
                    {
                        writer.HasAttachments |= leaf.Attachments.Count > 0;
                        var whole = leaf.Attachments.Count == 0
                            ? leaf
                            : await source.ReadWithAttachmentsAsync(new RevisionRequest(leaf.Id, leaf.Revision), cancellationToken).ConfigureAwait(false) ?? throw Gone(leaf);
                        await writer.WriteAsync(whole.Body, cancellationToken).ConfigureAwait(false);
                    }
                }
            }

            await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            revisions = writer.Revisions;
        }

        var manifest = new BackupManifest
        {
            Id = id,
            Kind = request.Target.Reference.Address.Kind,
            Store = request.Target.Reference.Address.Canonical,
            Mode = BackupMode.SetAside,
            Method = "leaves",
            CreatedAt = moment,
            DurationMs = (long)(DateTimeOffset.UtcNow - moment).TotalMilliseconds,
            Files = [await BackupDigests.DescribeAsync(path, "documents", cancellationToken).ConfigureAwait(false)],
            Counts = new Dictionary<string, long> { ["documents"] = newer.Count, ["revisions"] = revisions },
            ToolVersion = ToolVersion.Text,
        };
        return (await BackupFolder.WriteAsync(
            manifest, Path.Combine(request.SetAsideFolder, id + BackupFolder.Ending), cancellationToken).ConfigureAwait(false)).Path;
    }

    private static IntegrityException Gone(DocumentRevision leaf) => new(
        ErrorIds.BackupFailed, $"Revision {leaf.Revision} is gone while it was being saved, so nothing was overwritten.", leaf.Id,
        "Run the command again: somebody else is changing the database.");

    private async Task RestoreSettingsAsync(CancellationToken cancellationToken)
    {
        await DatabaseSettings.WriteAsync(client, request.Chain[^1].Settings, cancellationToken).ConfigureAwait(false);
        if (SavedDocuments.PathOf(request.Chain[^1], "local") is not { } path)
        {
            return;
        }

        // One request each: a bulk write of them is not what every server takes.
        var dump = new DumpReader(DumpReader.Uncompress(File.OpenRead(path)));
        while (await dump.ReadAsync(cancellationToken).ConfigureAwait(false) is { Fault: null } entry)
        {
            await client.PutLocalDocumentAsync(new RawJson(entry.Bytes.ToArray()), cancellationToken).ConfigureAwait(false);
        }
    }
}
