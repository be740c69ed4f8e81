using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Attachments;

/// <summary>A document whose large attachments' data stands elsewhere, put together again: every other byte as it is.</summary>
internal static class HeldText
{
    private const string Follows = "follows";

    /// <summary>The document with the held data named and left out, whatever stood in its place (<c>stub</c>).</summary>
    public static RawJson Following(RawJson document, IReadOnlyDictionary<string, HeldAttachment> held)
    {
        var buffer = new ArrayBufferWriter<byte>(document.Utf8.Length);
        foreach (var (text, _) in Pieces(document, held, inline: false))
        {
            buffer.Write(text.Span);
        }

        return new RawJson(buffer.WrittenMemory);
    }

    /// <summary>The document with the held data in it as base64, in pieces, each good until the next.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> InlineAsync(
        RawJson document, IReadOnlyDictionary<string, HeldAttachment> held, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (text, then) in Pieces(document, held, inline: true))
        {
            yield return text;
            if (then is not null)
            {
                await foreach (var piece in then.ReadBase64Async(cancellationToken).ConfigureAwait(false))
                {
                    yield return piece;
                }
            }
        }
    }

    /// <summary>How long <see cref="InlineAsync"/> is.</summary>
    public static long InlineLength(RawJson document, IReadOnlyDictionary<string, HeldAttachment> held) =>
        Pieces(document, held, inline: true).Sum(piece => piece.Text.Length + (piece.Then?.Base64Length ?? 0));

    /// <summary>The attachments whose data is held, in the order in which the document names them.</summary>
    public static IReadOnlyList<HeldAttachment> InOrder(RawJson document, IReadOnlyDictionary<string, HeldAttachment> held) =>
        [.. Places(document.Utf8.Span, held).Select(place => held[place.Name])];

    private static IEnumerable<(ReadOnlyMemory<byte> Text, HeldAttachment? Then)> Pieces(
        RawJson document, IReadOnlyDictionary<string, HeldAttachment> held, bool inline)
    {
        var done = 0;
        foreach (var (name, from, to) in Places(document.Utf8.Span, held))
        {
            yield return (document.Utf8[done..from], null);
            var head = Head(document.Utf8[from..to], held[name], inline);
            yield return (head, inline ? held[name] : null);
            yield return (inline ? "\"}"u8.ToArray() : "}"u8.ToArray(), null);
            done = to;
        }

        yield return (document.Utf8[done..], null);
    }

    /// <summary>An attachment's object up to where its data belongs.</summary>
    private static byte[] Head(ReadOnlyMemory<byte> attachment, HeldAttachment held, bool inline)
    {
        using var members = JsonDocument.Parse(attachment, JsonLimits.Document);
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            foreach (var member in members.RootElement.EnumerateObject())
            {
                if (member.Name is not ("stub" or Follows or "data" or "length") && (inline || !member.NameEquals(CouchNames.Digest)))
                {
                    writer.WritePropertyName(member.Name);
                    writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
                }
            }

            // The digest in a stub may be that of the compressed form; a server checks the bytes that follow against theirs.
            if (!inline)
            {
                writer.WriteString(CouchNames.Digest, held.Digest);
            }

            writer.WriteNumber(CouchNames.Length, held.Length);
            if (!inline)
            {
                writer.WriteBoolean(Follows, true);
            }
        }

        if (inline)
        {
            buffer.Write(",\"data\":\""u8);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static List<(string Name, int From, int To)> Places(ReadOnlySpan<byte> document, IReadOnlyDictionary<string, HeldAttachment> held)
    {
        var places = new List<(string, int, int)>();
        var reader = new Utf8JsonReader(document, JsonLimits.Reader);
        var inAttachments = false;
        while (held.Count > 0 && reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (reader.CurrentDepth == 1)
            {
                inAttachments = reader.ValueTextEquals(CouchNames.Attachments);
            }
            else if (inAttachments && reader.CurrentDepth == 2)
            {
                var name = reader.GetString()!;
                reader.Read();
                var from = (int)reader.TokenStartIndex;
                reader.Skip();
                if (held.ContainsKey(name))
                {
                    places.Add((name, from, (int)reader.BytesConsumed));
                }
            }
        }

        return places;
    }
}
