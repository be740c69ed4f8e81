using System.Buffers;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>
/// Writes revisions into a database through <c>_bulk_docs</c>, each naming the leaf that it replaces. Tombstones are remembered: the list
/// of a document's leaves proves them, and nothing of them needs to be read back.
/// </summary>
internal sealed class ServerRevisionWriter(CouchClient client, RevisionMemory memory) : IRevisionWriter
{
    private const int MostDocuments = 500;
    private const int MostBytes = 8 << 20;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(IReadOnlyList<NewRevision> revisions, CancellationToken cancellationToken)
    {
        if (!revisions.Any(revision => revision.IsWhole))
        {
            return await WriteNewAsync(revisions, cancellationToken).ConfigureAwait(false);
        }

        var whole = new Queue<WriteOutcome>(await WriteWholeAsync([.. revisions.Where(revision => revision.IsWhole)], cancellationToken).ConfigureAwait(false));
        var made = new Queue<WriteOutcome>(await WriteNewAsync([.. revisions.Where(revision => !revision.IsWhole)], cancellationToken).ConfigureAwait(false));
        return [.. revisions.Select(revision => (revision.IsWhole ? whole : made).Dequeue())];
    }

    // As replication does: a revision that is there already is none that is refused.
    private async Task<List<WriteOutcome>> WriteWholeAsync(IReadOnlyList<NewRevision> revisions, CancellationToken cancellationToken)
    {
        var outcomes = new List<WriteOutcome>(revisions.Count);
        foreach (var revision in revisions)
        {
            var body = AttachmentNames.AsServerReads(revision.Body);
            try
            {
                var refused = revision.Held.Count > 0
                    ? await client.Attachments.WriteAsync(body, revision.Held, newEdits: false, cancellationToken).ConfigureAwait(false) is { Error: not null } result ? result : null
                    : (await client.BulkDocsAsync([body], newEdits: false, cancellationToken).ConfigureAwait(false)).FirstOrDefault(result => result.Error is not null);
                outcomes.Add(refused is null
                    ? new WriteOutcome(revision.Parent.Revision, false, null)
                    : new WriteOutcome(null, refused.Error == "conflict", $"{refused.Error}: {refused.Reason}"));
            }
            catch (IntegrityException large) when (large.ErrorId == ErrorIds.TooLarge)
            {
                outcomes.Add(new WriteOutcome(null, false, $"{large.Message} {large.NextStep}"));
            }
        }

        return outcomes;
    }

    private async Task<IReadOnlyList<WriteOutcome>> WriteNewAsync(IReadOnlyList<NewRevision> revisions, CancellationToken cancellationToken)
    {
        var outcomes = new List<WriteOutcome>(revisions.Count);
        var batch = new List<RawJson>();
        long bytes = 0;
        foreach (var revision in revisions)
        {
            var buffer = new ArrayBufferWriter<byte>(revision.Body.Utf8.Length + 128);
            DocumentText.WriteUpdate(revision, buffer);
            var alone = revision.Held.Count > 0;
            if (batch.Count > 0 && (alone || batch.Count == MostDocuments || bytes + buffer.WrittenCount > MostBytes))
            {
                await SendAsync(batch, outcomes, cancellationToken).ConfigureAwait(false);
                batch.Clear();
                bytes = 0;
            }

            if (alone)
            {
                outcomes.Add(await SendAsync(new RawJson(buffer.WrittenMemory), revision.Held, cancellationToken).ConfigureAwait(false));
                continue;
            }

            batch.Add(new RawJson(buffer.WrittenMemory));
            bytes += buffer.WrittenCount;
        }

        if (batch.Count > 0)
        {
            await SendAsync(batch, outcomes, cancellationToken).ConfigureAwait(false);
        }

        for (var index = 0; index < outcomes.Count; index++)
        {
            if (outcomes[index].Revision is { } written)
            {
                Remember(revisions[index], written);
            }
        }

        return outcomes;
    }

    private void Remember(NewRevision revision, RevisionId written)
    {
        memory.Wrote(revision.Parent.Id, revision.Parent.Revision, written);
        if (revision.IsBareTombstone)
        {
            memory.Add(new DocumentRevision
            {
                Id = revision.Parent.Id,
                Revision = written,
                Deleted = true,
                Body = revision.Body,
                History = [written, .. revision.Parent.History],
            });
        }
    }

    private async Task<WriteOutcome> SendAsync(RawJson document, IReadOnlyDictionary<string, HeldAttachment> held, CancellationToken cancellationToken)
    {
        try
        {
            return Outcome(await client.Attachments.WriteAsync(document, held, newEdits: true, cancellationToken).ConfigureAwait(false));
        }
        catch (IntegrityException refused) when (refused.ErrorId == ErrorIds.TooLarge)
        {
            return new WriteOutcome(null, false, $"{refused.Message} {refused.NextStep}");
        }
    }

    private static WriteOutcome Outcome(WriteResult result) => result.Revision is { } revision
        ? new WriteOutcome(RevisionId.Parse(revision), false, null)
        : new WriteOutcome(null, result.Error == "conflict", $"{result.Error}: {result.Reason}");

    private async Task SendAsync(List<RawJson> batch, List<WriteOutcome> outcomes, CancellationToken cancellationToken)
    {
        IReadOnlyList<WriteResult> results;
        try
        {
            results = await client.BulkDocsAsync(batch, newEdits: true, cancellationToken).ConfigureAwait(false);
        }
        catch (IntegrityException refused) when (refused.ErrorId == ErrorIds.TooLarge)
        {
            // One document too large and the server refuses the whole request, of which it has then written nothing: the others go without it.
            if (batch.Count == 1)
            {
                outcomes.Add(new WriteOutcome(null, false, $"{refused.Message} {refused.NextStep}"));
                return;
            }

            await SendAsync([.. batch.Take(batch.Count / 2)], outcomes, cancellationToken).ConfigureAwait(false);
            await SendAsync([.. batch.Skip(batch.Count / 2)], outcomes, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (results.Count != batch.Count)
        {
            throw CouchErrors.MissingResults(client.Store, results.Count, batch.Count);
        }

        outcomes.AddRange(results.Select(Outcome));
    }
}
