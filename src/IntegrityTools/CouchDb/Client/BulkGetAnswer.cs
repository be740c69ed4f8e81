using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>One answer to a bulk read, taken apart as it arrives: one document in memory at a time.</summary>
internal sealed class BulkGetAnswer(CouchTransport transport, string path, byte[] body) : IAsyncDisposable
{
    private enum Found
    {
        NeedsMore,
        Revision,
        End,
    }

    private HttpResponseMessage? answer;
    private Stream? stream;
    private JsonWindow? window;
    private JsonReaderState state = new(JsonLimits.Reader);

    /// <summary>The next revision; null at the end.</summary>
    /// <exception cref="JsonException">The answer is cut.</exception>
    public async ValueTask<DocumentRevision?> ReadAsync(CancellationToken cancellationToken)
    {
        if (window is null)
        {
            answer = await transport.SendAsync(HttpMethod.Post, path, CouchClient.Json(body), "Reading documents", null, cancellationToken);
            stream = await transport.OpenBodyAsync(answer, cancellationToken);
            window = new JsonWindow(stream);
        }

        while (true)
        {
            switch (TryRead(window, out var revision))
            {
                case Found.Revision:
                    return revision;
                case Found.End:
                    return null;
            }

            await window.ReadMoreAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (stream is not null)
        {
            await stream.DisposeAsync();
        }

        answer?.Dispose();
    }

    private Found TryRead(JsonWindow bytes, out DocumentRevision? revision)
    {
        revision = null;
        var reader = new Utf8JsonReader(bytes.Span, bytes.Ended, state);
        var used = 0;
        while (reader.Read())
        {
            // {"results":[{"id":…,"docs":[{"ok":{…}},{"error":{…}}]}]}: a revision's member stands at depth 5. The npm
            // PouchDB server says {"missing":"1-a"} of what is not there.
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 5)
            {
                var isRevision = reader.ValueTextEquals(CouchNames.Ok);
                var isError = reader.ValueTextEquals(CouchNames.Error);
                if (!reader.Read())
                {
                    break;
                }

                var from = (int)reader.TokenStartIndex;
                if (!reader.TrySkip())
                {
                    break;
                }

                used = (int)reader.BytesConsumed;
                var value = bytes.Memory[from..used];
                if (isError)
                {
                    CheckError(value);
                }
                else if (isRevision)
                {
                    revision = DocumentReader.Read(value.ToArray());
                    state = reader.CurrentState;
                    bytes.Advance(used);
                    return Found.Revision;
                }
            }
            else if (reader.CurrentDepth == 0 && reader.TokenType == JsonTokenType.EndObject)
            {
                return Found.End;
            }

            used = (int)reader.BytesConsumed;
            state = reader.CurrentState;
        }

        bytes.Advance(used);
        return bytes.Ended ? throw new JsonException("The answer ends too early.") : Found.NeedsMore;
    }

    private static void CheckError(ReadOnlyMemory<byte> value)
    {
        using var document = JsonDocument.Parse(value, JsonLimits.Document);
        var code = document.RootElement.TryGetProperty("error", out var error) ? error.ToString() : "";

        // What is not there, and what no document can be called, is left out. Anything else is a shard's failure.
        if (code is not ("not_found" or "bad_request" or "illegal_docid"))
        {
            throw new TransientAnswerException($"the server could not read a document ({code})");
        }
    }
}
