using System.Collections.Concurrent;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>Writes the documents of a backup into a database with the revisions that they had, and takes such documents out again.</summary>
internal sealed class RestoreWriter(CouchClient client, ICouchSource source, IProgress<WorkProgress>? progress)
{
    private const int MostNamed = 1000;
    private readonly ConcurrentQueue<string> refused = new();
    private long written;
    private long done;

    /// <summary>How many documents were written or removed; of a restore that goes on, with those that it had written before.</summary>
    public long Written => Interlocked.Read(ref written);

    /// <summary>The documents that were not, each with why; past a thousand they are counted.</summary>
    public IReadOnlyList<string> Refused => refused.Count <= MostNamed
        ? [.. refused.Order(StringComparer.Ordinal)]
        : [.. refused.Order(StringComparer.Ordinal).Take(MostNamed), $"and {refused.Count - MostNamed} more"];

    /// <summary>Why a document without its attachments' data is not written.</summary>
    public static string WithoutData(SavedDocument document) => $"{document.Id}: the dump names its attachments and has not their data";

    /// <summary>Writes the documents that are not there.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="expected">About how many they are.</param>
    /// <param name="known">False for a database that is empty: nothing needs to be asked then.</param>
    /// <param name="begun">Of a run that goes on: true for the ids of documents that were not there before it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task WriteAsync(SavedDocuments documents, long expected, bool known, Func<string, bool>? begun, CancellationToken cancellationToken) =>
        EachAsync(documents, "Restoring", expected, async (batch, token) =>
        {
            if (known)
            {
                var there = await RestoreComparison.LeavesAsync(source, batch, token).ConfigureAwait(false);
                foreach (var document in batch.Where(document => begun?.Invoke(document.Id) == true && there.TryGetValue(document.Id, out var leaves) && document.HasGoneAnotherWay(leaves)))
                {
                    refused.Enqueue($"{document.Id}: it was written to since the restore was cut off, and lacks what the backup has: look at it, then restore it by itself ({CommandWords.Option("--subject, --overwrite", "-Subject, -Overwrite")})");
                }

                // What an earlier run of the same restore has written counts, too.
                Interlocked.Add(ref written, batch.Count(document => begun?.Invoke(document.Id) == true && there.TryGetValue(document.Id, out var leaves) && document.HasArrivedIn(leaves)));
                batch = [.. batch.Where(document => !there.TryGetValue(document.Id, out var leaves) || (begun?.Invoke(document.Id) == true && document.IsPartlyIn(leaves)))];
            }

            foreach (var document in batch.Where(document => document.LacksAttachments))
            {
                refused.Enqueue(WithoutData(document));
            }

            batch = [.. batch.Where(document => !document.LacksAttachments)];
            foreach (var document in batch.Where(document => document.IsLarge))
            {
                await WriteLargeAsync(document, token).ConfigureAwait(false);
            }

            await WriteAsync([.. batch.Where(document => !document.IsLarge)], token).ConfigureAwait(false);
        }, cancellationToken);

    /// <summary>Gives documents that are exactly as the backup has them a tombstone.</summary>
    /// <param name="documents">The documents.</param>
    /// <param name="wanted">True for the ids of those that are meant.</param>
    /// <param name="resuming">True when an earlier part of the same undo may have removed some branches of a document already.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task RemoveAsync(SavedDocuments documents, Func<string, bool> wanted, bool resuming, CancellationToken cancellationToken) =>
        EachAsync(documents, "Taking back", null, async (batch, token) =>
        {
            batch = [.. batch.Where(document => wanted(document.Id))];
            var there = await LeafSets.ReadAsync(source, batch.Select(document => document.Id), token).ConfigureAwait(false);
            var tombstones = new List<NewRevision>();
            foreach (var document in batch)
            {
                if (!there.TryGetValue(document.Id, out var leaves) || !leaves.Live.Any())
                {
                    continue; // Gone already, or deleted in the backup, too.
                }

                if (document.IsIn(leaves))
                {
                    tombstones.AddRange(leaves.Live.Select(NewRevision.Tombstone));
                }
                else if (!leaves.Leaves.All(leaf => (resuming && OperationProgress.IsTombstone(leaf)) || document.Revisions.Any(saved => saved.Revision == leaf.Revision)))
                {
                    refused.Enqueue($"{document.Id}: it was changed since it was restored");
                }
                else
                {
                    // A run that was cut off had written, or removed, only some of its branches.
                    tombstones.AddRange(leaves.Live.Select(NewRevision.Tombstone));
                }
            }

            var outcomes = await new ServerRevisionWriter(client, new RevisionMemory()).WriteAsync(tombstones, token).ConfigureAwait(false);
            var failed = tombstones.Zip(outcomes).Where(pair => pair.Second.Revision is null).DistinctBy(pair => pair.First.Parent.Id).ToList();
            foreach (var (tombstone, outcome) in failed)
            {
                refused.Enqueue($"{tombstone.Parent.Id}: {(outcome.Conflict ? "it was changed since it was restored" : outcome.Error)}");
            }

            Interlocked.Add(ref written, tombstones.DistinctBy(tombstone => tombstone.Parent.Id).Count() - failed.Count);
        }, cancellationToken);

    private Task EachAsync(
        SavedDocuments documents, string activity, long? expected, Func<IReadOnlyList<SavedDocument>, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            documents.ReadAsync(cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = client.Options.MaxConcurrentOperations, CancellationToken = cancellationToken },
            async (batch, token) =>
            {
                try
                {
                    await work(batch, token).ConfigureAwait(false);
                }
                finally
                {
                    foreach (var document in batch)
                    {
                        document.Dispose();
                    }
                }

                progress?.Report(new WorkProgress(activity, Interlocked.Add(ref done, batch.Count), expected, "documents", 0));
            });

    /// <summary>Writes one document whose attachments do not fit into memory, revision by revision, ancestors first.</summary>
    private async Task WriteLargeAsync(SavedDocument document, CancellationToken cancellationToken)
    {
        foreach (var revision in document.Revisions)
        {
            var body = AttachmentNames.AsServerReads(revision.Body);
            WriteResult? result;
            try
            {
                result = revision.Held.Count > 0
                    ? await client.Attachments.WriteAsync(body, revision.Held, newEdits: false, cancellationToken).ConfigureAwait(false)
                    : await client.BulkDocsAsync([body], newEdits: false, cancellationToken).ConfigureAwait(false) is [var answer, ..] ? answer : null;
            }
            catch (IntegrityException large) when (large.ErrorId == ErrorIds.TooLarge)
            {
                result = new WriteResult(document.Id, null, large.Message, large.NextStep);
            }

            if (result?.Error is { } error)
            {
                refused.Enqueue($"{document.Id}: {error}: {result.Reason}");
                return;
            }
        }

        Interlocked.Increment(ref written);
    }

    private async Task WriteAsync(IReadOnlyList<SavedDocument> documents, CancellationToken cancellationToken)
    {
        if (documents.Count == 0)
        {
            return;
        }

        IReadOnlyList<WriteResult> answer;
        try
        {
            answer = await client.BulkDocsAsync(
                [.. documents.SelectMany(document => document.Revisions).Select(revision => AttachmentNames.AsServerReads(revision.Body))], newEdits: false, cancellationToken).ConfigureAwait(false);
        }
        catch (IntegrityException large) when (large.ErrorId == ErrorIds.TooLarge && documents.Count > 1)
        {
            await WriteAsync([.. documents.Take(documents.Count / 2)], cancellationToken).ConfigureAwait(false);
            await WriteAsync([.. documents.Skip(documents.Count / 2)], cancellationToken).ConfigureAwait(false);
            return;
        }
        catch (IntegrityException large) when (large.ErrorId == ErrorIds.TooLarge)
        {
            refused.Enqueue($"{documents[0].Id}: {large.Message} {large.NextStep}");
            return;
        }

        var errors = answer.Where(result => result.Error is not null).DistinctBy(result => result.Id).ToList();
        foreach (var error in errors)
        {
            refused.Enqueue($"{error.Id}: {error.Error}: {error.Reason}");
        }

        Interlocked.Add(ref written, documents.Count - errors.Count);
    }
}
