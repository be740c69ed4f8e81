using System.Collections.Concurrent;
using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>
/// Holds a backup against a database: what is not there is written by one operation, what is there in another state by one each, and what
/// is newer only where that was asked for.
/// </summary>
internal sealed class RestoreComparison(CouchClient client, ICouchSource source, RestoreRequest request)
{
    private readonly ConcurrentBag<string> newer = [];
    private readonly ConcurrentBag<string> failed = [];
    private readonly ConcurrentBag<RepairOperation> changes = [];
    private long missing;
    private long unchanged;
    private long done;

    private BackupManifest Backup => request.Chain[^1];

    /// <summary>The present leaves of documents, of those that exist.</summary>
    public static Task<Dictionary<string, LeafSet>> LeavesAsync(ICouchSource source, IReadOnlyList<SavedDocument> documents, CancellationToken cancellationToken) =>
        LeafSets.ReadAsync(source, documents.Select(document => document.Id), cancellationToken);

    /// <summary>Compares, and proposes what to do.</summary>
    public async Task<RestoreProposal> RunAsync(CancellationToken cancellationToken)
    {
        var info = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var documents = new SavedDocuments(request.Chain, request.Subjects, request.SkipDamaged);
        List<string> remarks = [];
        if (info is not null && !(info.Documents == 0 && info.DeletedDocuments is 0))
        {
            var total = request.Subjects.Count > 0 ? request.Subjects.Count : request.Chain.Sum(link => link.Counts.GetValueOrDefault("documents"));
            await Parallel.ForEachAsync(
                documents.ReadAsync(cancellationToken),
                new ParallelOptions { MaxDegreeOfParallelism = client.Options.MaxConcurrentOperations, CancellationToken = cancellationToken },
                async (batch, token) =>
                {
                    await CompareAsync(batch, token).ConfigureAwait(false);
                    request.Progress?.Report(new WorkProgress("Comparing", Interlocked.Add(ref done, batch.Count), total, "documents", 0));
                }).ConfigureAwait(false);
        }
        else
        {
            await foreach (var batch in documents.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                missing += batch.Count(CanBeWritten);
            }
        }

        foreach (var subject in documents.NotFound)
        {
            failed.Add($"{subject}: the backup has no such document");
        }

        // A run that was killed between making the database and its first step leaves one as new: it is ended as if it had just been made.
        var creates = info is null || (info is { Documents: 0, DeletedDocuments: 0 } && await DatabaseSettings.AreAsNewAsync(client, cancellationToken).ConfigureAwait(false));
        if (!creates && await DatabaseSettings.DifferAsync(client, request.Chain, cancellationToken).ConfigureAwait(false) is { Count: > 0 } different)
        {
            remarks.Add($"The database is there, so what it has set stays: {string.Join(", ", different)} differ from the backup's.");
        }

        if (!creates && request.Subjects.Count == 0 && request.Chain.Any(link => SavedDocuments.PathOf(link, "local") is not null))
        {
            remarks.Add("The database is there, so its _local documents stay, and those of the backup are not restored.");
        }

        if (documents.Damaged.Count > 0)
        {
            remarks.Add($"The dump cannot be read in {documents.DamagedPlaces}: what stands there is not restored. The first is {documents.Damaged[0]}.");
        }

        var operations = changes.OrderBy(change => change.Subject, StringComparer.Ordinal).ToList();
        if (missing > 0 || (info is null && request.Subjects.Count == 0))
        {
            operations.Insert(0, Missing(creates));
        }

        return new RestoreProposal(
            new RestoreReport
            {
                BackupId = Backup.Id,
                Store = request.Target.Reference.Address.Canonical,
                DryRun = request.DryRun,
                Created = info is null && operations.Count > 0,
                Written = missing + changes.Count,
                Unchanged = unchanged,
                Newer = [.. newer.Order(StringComparer.Ordinal)],
                Overwritten = request.Overwrite && !newer.IsEmpty,
                Failed = [.. failed.Order(StringComparer.Ordinal)],
                Damaged = documents.Damaged,
                Remarks = remarks,
            },
            operations);
    }

    private async Task<DatabaseInfo?> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await client.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IntegrityException absent) when (absent.ErrorId == ErrorIds.StoreNotFound)
        {
            return null;
        }
    }

    private async Task CompareAsync(IReadOnlyList<SavedDocument> batch, CancellationToken cancellationToken)
    {
        var there = await LeavesAsync(source, batch, cancellationToken).ConfigureAwait(false);
        foreach (var document in batch)
        {
            if (!there.TryGetValue(document.Id, out var leaves))
            {
                Interlocked.Add(ref missing, CanBeWritten(document) ? 1 : 0);
            }
            else if (document.IsIn(leaves))
            {
                Interlocked.Increment(ref unchanged);
            }
            else if (document.Revisions.Concat(leaves.Leaves).Any(revision => DeepDocument.Is(revision.Body.Utf8)))
            {
                failed.Add($"{document.Id}: it is {DeepDocument.Reason}, and in the database in another state; restore it into a new database and copy it from there");
            }
            else if (document.ReadsAs(leaves))
            {
                Interlocked.Increment(ref unchanged);
            }
            else
            {
                var ahead = document.NewerIn(leaves).Any();
                if (ahead)
                {
                    newer.Add(document.Id);
                }

                if (CanBeWritten(document) && (!ahead || request.Overwrite))
                {
                    changes.Add(Change(document, leaves, ahead));
                }
            }
        }
    }

    private bool CanBeWritten(SavedDocument document)
    {
        if (!document.LacksAttachments)
        {
            return true;
        }

        failed.Add(RestoreWriter.WithoutData(document));
        return false;
    }

    private RepairOperation Missing(bool creates) => new()
    {
        Type = OperationTypes.RestoreBackup,
        IssueId = Backup.Id,
        Subject = request.Target.Reference.Address.Canonical,
        Risk = Risk.Low,
        Strategy = Strategy.Manual,
        Reason = $"{Counted.Of(missing, "document")} of {Backup.Id} that the database has not, with the revisions that they had.",
        Precondition = new LeafSetPrecondition([]),
        Action = new RestoreBackupAction { BackupId = Backup.Id, ManifestPath = Backup.Path, Subjects = request.Subjects, Creates = creates, SkipDamaged = request.SkipDamaged },
    };

    /// <summary>
    /// Each branch of the backup returns: where it went on, as a new revision on top; where it is gone, under its own name. Live branches that the
    /// backup does not know, or has as deleted, get a tombstone.
    /// </summary>
    private RepairOperation Change(SavedDocument document, LeafSet there, bool ahead)
    {
        var live = document.Leaves.Where(leaf => !leaf.Deleted).ToList();
        var tips = live.ConvertAll(leaf => there.Leaves.FirstOrDefault(present => present.History.Contains(leaf.Revision)));
        var winner = LeafSet.Of(document.Id, document.Leaves).Winner;
        return new RepairOperation
        {
            Type = OperationTypes.RestoreBackup,
            IssueId = Backup.Id,
            Subject = document.Id,
            Risk = ahead ? Risk.High : Risk.Low,
            Strategy = Strategy.Manual,
            Reason = ahead
                ? $"The database has a newer state of it; as {Backup.Id} has it, it becomes the newest."
                : $"The database has an older state of it than {Backup.Id}.",
            Precondition = LeafSets.Precondition(there),
            OldValue = there.Winner.Deleted ? null : Shown(there.Winner),
            NewValue = winner.Deleted ? null : Shown(winner),
            Changes = request.DryRun ? [] : [.. Differences(there.Winner, winner)],
            Action = new RestoreRevisionsAction
            {
                Leaves = [.. live.Select((leaf, index) => new RestoredLeaf(leaf.Revision.ToString(), tips[index]?.Revision.ToString()))],
                RemoveRevisions = [.. there.Live.Where(leaf => !tips.Contains(leaf) && !live.Any(saved => saved.History.Contains(leaf.Revision))).Select(leaf => leaf.Revision.ToString())],
                WinningRevision = live.Count == 0 ? null : winner.Revision.ToString(),
                FromExecution = Backup.Id,
                BackupPath = document.Path,
            },
        };
    }

    private static RawJson? Shown(DocumentRevision revision) => OperationDraft.Shown(DocumentFields.Own(revision.Body));

    private static IEnumerable<FieldChange> Differences(DocumentRevision now, DocumentRevision then)
    {
        using var old = now.Deleted ? JsonDocument.Parse("{}") : now.Body.Parse();
        using var @new = then.Deleted ? JsonDocument.Parse("{}") : then.Body.Parse();
        foreach (var (path, before, after) in FieldDifferences.Between(old.RootElement, @new.RootElement))
        {
            yield return new FieldChange(path.ToString(), Display.Of(before), Display.Of(after), null);
        }
    }
}
