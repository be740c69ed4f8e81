using System.Buffers;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Writes revisions into a database through <c>_bulk_docs</c>, each naming the leaf that it replaces.</summary>
internal sealed class ServerRevisionWriter(CouchClient client) : IRevisionWriter
{
    private const int MostDocuments = 500;
    private const int MostBytes = 8 << 20;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(IReadOnlyList<NewRevision> revisions, CancellationToken cancellationToken)
    {
        var outcomes = new List<WriteOutcome>(revisions.Count);
        var batch = new List<RawJson>();
        long bytes = 0;
        foreach (var revision in revisions)
        {
            var buffer = new ArrayBufferWriter<byte>(revision.Body.Utf8.Length + 128);
            DocumentText.WriteUpdate(revision, buffer);
            if (batch.Count > 0 && (batch.Count == MostDocuments || bytes + buffer.WrittenCount > MostBytes))
            {
                await SendAsync(batch, outcomes, cancellationToken).ConfigureAwait(false);
                bytes = 0;
            }

            batch.Add(new RawJson(buffer.WrittenMemory));
            bytes += buffer.WrittenCount;
        }

        if (batch.Count > 0)
        {
            await SendAsync(batch, outcomes, cancellationToken).ConfigureAwait(false);
        }

        return outcomes;
    }

    private async Task SendAsync(List<RawJson> batch, List<WriteOutcome> outcomes, CancellationToken cancellationToken)
    {
        var results = await client.BulkDocsAsync(batch, newEdits: true, cancellationToken).ConfigureAwait(false);
        if (results.Count != batch.Count)
        {
            throw new IntegrityException(
                ErrorIds.UnexpectedAnswer,
                $"The server answered {results.Count} results to {batch.Count} documents: which were written is unknown.",
                client.Store,
                "Resume the execution: it reads back what is there.");
        }

        foreach (var result in results)
        {
            outcomes.Add(result.Revision is { } revision
                ? new WriteOutcome(RevisionId.Parse(revision), false, null)
                : new WriteOutcome(null, result.Error == "conflict", $"{result.Error}: {result.Reason}"));
        }

        batch.Clear();
    }
}
