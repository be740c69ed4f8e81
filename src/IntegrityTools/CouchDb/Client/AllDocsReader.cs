using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>Reads a list of documents off the wire: one row in memory at a time.</summary>
/// <param name="stream">The list.</param>
/// <param name="bodies">True when it has bodies: rows whose body is null, such as those of deleted documents, are passed over.</param>
internal sealed class AllDocsReader(Stream stream, bool bodies = true)
{
    private const int RowDepth = 2;
    private readonly JsonWindow window = new(stream);
    private JsonReaderState state = new(JsonLimits.Reader);
    private bool completed;
    private bool total;

    /// <summary>How many rows were read, those without a document among them.</summary>
    public long Rows { get; private set; }

    /// <summary>How many there are in the whole database, where the answer says so; known at its end.</summary>
    public long? TotalRows { get; private set; }

    /// <summary>The next document, good until the next call; null at the end.</summary>
    /// <exception cref="JsonException">The answer is cut or broken.</exception>
    /// <exception cref="MissingBodyException">A row of a list with bodies has no place for one.</exception>
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
        if (window.Position == 0 && window.Span.StartsWith("\uFEFF"u8))
        {
            window.Advance(3); // Who saved the answer put a byte order mark before it.
        }

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
                Rows++;
                return true;
            }

            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals(CouchNames.Error))
            {
                throw new TransientAnswerException("the list of documents ended with an error");
            }

            TotalRows = total && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var rows) ? rows : TotalRows;
            total = reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals(CouchNames.TotalRows);
            completed = reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == 0;
            used = (int)reader.BytesConsumed;
            state = reader.CurrentState;
        }

        window.Advance(used);
        return window.Ended && !completed ? throw new JsonException("The answer ends too early.") : false;
    }

    private DocumentBody? Document(ReadOnlyMemory<byte> row)
    {
        var reader = new Utf8JsonReader(row.Span, JsonLimits.Reader);
        string? id = null;
        ReadOnlyMemory<byte> body = default;
        var asked = false;
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
                asked = true;
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

        if (bodies && id is not null && !asked)
        {
            throw new MissingBodyException();
        }

        return id is null || (bodies && body.IsEmpty) ? null : new DocumentBody(id, body);
    }
}
