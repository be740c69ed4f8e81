using System.Net;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>
/// Carries large attachments as their bytes, in both directions: inside JSON both sides would hold them in memory, the server several times over. Small ones
/// stay inside JSON, where many documents are one request.
/// </summary>
internal sealed class AttachmentTransfer(CouchTransport transport)
{
    private const int Piece = 64 * 1024;

    /// <summary>True for a revision with stubs of attachments that are large together. Other servers than CouchDB are asked inside JSON.</summary>
    public bool CanHold(DocumentRevision revision) =>
        transport.IsCouchDb
        && revision.Attachments.All(attachment => attachment.Length is not null)
        && revision.Attachments.Sum(attachment => attachment.Length) > AttachmentCutter.LargeDocument;

    /// <summary>Reads the attachments of a revision into a file; null when the revision is gone.</summary>
    public async Task<DocumentRevision?> HoldAsync(DocumentRevision revision, CancellationToken cancellationToken)
    {
        var file = new HeldFile();
        var held = new Dictionary<string, HeldAttachment>(StringComparer.Ordinal);
        try
        {
            foreach (var attachment in revision.Attachments)
            {
                if (await ReadAsync(revision, attachment, file, cancellationToken) is not { } found)
                {
                    file.Dispose();
                    return null;
                }

                held.Add(attachment.Name, found);
            }

            return revision with { Body = HeldText.Following(revision.Body, held), Held = held };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes one document whose attachments' data is held in a file, sent once unless the server is too busy to begin.</summary>
    /// <param name="document">The document; <c>_rev</c> and history as <see cref="CouchClient.BulkDocsAsync"/> takes them.</param>
    /// <param name="held">The data.</param>
    /// <param name="newEdits">As of <see cref="CouchClient.BulkDocsAsync"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="IntegrityException">StoreUnavailable: whether it was written is unknown; read back to know.</exception>
    public async Task<WriteResult> WriteAsync(
        RawJson document, IReadOnlyDictionary<string, HeldAttachment> held, bool newEdits, CancellationToken cancellationToken)
    {
        await transport.OpenAsync(cancellationToken);
        var (name, revision) = CouchAnswers.NameOf(document);
        var id = name!;
        var what = $"Writing '{id}'";
        try
        {
            return await transport.WriteAsync(what, SendAsync, cancellationToken);
        }
        catch (Exception exception) when (CouchErrors.IsTransient(exception))
        {
            throw CouchErrors.LostWrite(transport.Store, 1, exception);
        }

        async Task<WriteResult> SendAsync()
        {
            if (!transport.IsCouchDb)
            {
                var results = await transport.ReadAllAsync(
                    HttpMethod.Post, transport.DatabasePath + CouchNames.BulkDocs, new InlineDocumentContent(document, held, newEdits), what, cancellationToken);
                return CouchAnswers.ReadWriteResults(results, transport.Store) is [var result, ..] ? result
                    : newEdits ? throw CouchErrors.MissingResults(transport.Store, 0, 1)
                    : new WriteResult(id, revision, null, null);
            }

            var path = transport.DatabasePath + CouchNames.PathOf(id) + (newEdits ? "" : CouchNames.OldEdits);
            using var answer = await transport.ExchangeAsync(HttpMethod.Put, path, new HeldDocumentContent(document, held), cancellationToken);

            return answer.IsSuccessStatusCode || IsOfDocument(answer)
                ? CouchAnswers.ReadWriteResult(id, await transport.ReadAsync(answer, cancellationToken))
                : throw await transport.FailureAsync(answer, what, cancellationToken);
        }
    }

    // A validation function of the database refuses with 403, or with 401, which is then no word about the login: that the server has taken before.
    private static bool IsOfDocument(HttpResponseMessage answer) =>
        answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed
        && answer.Content.Headers.ContentType?.MediaType == "application/json";

    private async Task<HeldAttachment?> ReadAsync(DocumentRevision revision, AttachmentInfo attachment, HeldFile file, CancellationToken cancellationToken)
    {
        var what = $"Reading attachment '{attachment.Name}' of '{revision.Id}'";
        var path = $"{transport.DatabasePath}{CouchNames.PathOf(revision.Id)}/{CouchNames.Segment(attachment.Name)}?rev={revision.Revision}";
        var buffer = new byte[Piece];
        for (var attempt = 1; ; attempt++)
        {
            Exception broken;
            try
            {
                using var answer = await transport.ExchangeAsync(HttpMethod.Get, path, null, cancellationToken);
                if (answer.StatusCode == HttpStatusCode.NotFound)
                {
                    return null;
                }

                if (!answer.IsSuccessStatusCode)
                {
                    throw await transport.FailureAsync(answer, what, cancellationToken);
                }

                await using var stream = await transport.OpenBodyAsync(answer, cancellationToken);
                file.Begin();
                var total = 0L;
                for (int count; (count = await stream.ReadAsync(buffer, cancellationToken)) > 0; total += count)
                {
                    file.Append(buffer.AsSpan(0, count));
                }

                if (total == attachment.Length)
                {
                    return file.End();
                }

                broken = new IOException($"{total} bytes came of {attachment.Length}");
            }
            catch (Exception exception) when (CouchErrors.IsTransient(exception))
            {
                broken = exception;
            }

            cancellationToken.ThrowIfCancellationRequested();
            await transport.PauseAsync(what, attempt, broken, cancellationToken);
        }
    }
}
