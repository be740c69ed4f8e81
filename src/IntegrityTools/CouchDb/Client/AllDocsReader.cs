using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>Reads the list of all documents with their bodies off the wire: one row in memory at a time.</summary>
internal sealed class AllDocsReader(Stream stream)
{
    private const int RowDepth = 2;
    private readonly JsonWindow window = new(stream);
    private JsonReaderState state = new(JsonLimits.Reader);
    private bool completed;

    /// <summary>The next document, good until the next call; null at the end. Rows without a document are passed over.</summary>
    /// <exception cref="JsonException">The answer is cut or broken.</exception>
    /// <exception cref="TransientAnswerException">The server gave up in the middle.</exception>
    public async ValueTask<DocumentBody?> ReadAsync(CancellationToken cancellationToken)
    {
        while (!completed)
        {
            if (TryRead(out var row))
            {
                if (Document(row) is { } document)
                {
                    return document;
                }
            }
            else if (!completed)
            {
                await window.ReadMoreAsync(cancellationToken);
            }
        }

        return null;
    }

    private bool TryRead(out ReadOnlyMemory<byte> row)
    {
        row = default;
        var reader = new Utf8JsonReader(window.Span, window.Ended, state);
        var used = 0;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartObject && reader.CurrentDepth == RowDepth)
            {
                var from = (int)reader.TokenStartIndex;
                if (!reader.TrySkip())
                {
                    break;
                }

                used = (int)reader.BytesConsumed;
                row = window.Memory[from..used];
                state = reader.CurrentState;
                window.Advance(used);
                return true;
            }

            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals(CouchNames.Error))
            {
                throw new TransientAnswerException("the list of documents ended with an error");
            }

            completed = reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == 0;
            used = (int)reader.BytesConsumed;
            state = reader.CurrentState;
        }

        window.Advance(used);
        return window.Ended && !completed ? throw new JsonException("The answer ends too early.") : false;
    }

    private static DocumentBody? Document(ReadOnlyMemory<byte> row)
    {
        var reader = new Utf8JsonReader(row.Span, JsonLimits.Reader);
        string? id = null;
        ReadOnlyMemory<byte> body = default;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(CouchNames.Id))
            {
                reader.Read();
                id = JsonEquality.Text(reader.ValueSpan);
            }
            else if (reader.ValueTextEquals(CouchNames.Document))
            {
                reader.Read();
                var from = (int)reader.TokenStartIndex;
                var whole = reader.TokenType == JsonTokenType.StartObject;
                reader.Skip();
                body = whole ? row[from..(int)reader.BytesConsumed] : default;
            }
            else
            {
                reader.Skip();
            }
        }

        return id is null || body.IsEmpty ? null : new DocumentBody(id, body);
    }
}
