using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>Reads what a document says of itself, and separates the user's members from CouchDB's.</summary>
internal static class DocumentFields
{
    /// <summary>The value at a dotted path; null when there is none.</summary>
    public static JsonElement? Find(JsonElement body, string path)
    {
        if (!path.AsSpan().ContainsAny('.', '['))
        {
            return body.ValueKind == JsonValueKind.Object ? Member(body, path) : null;
        }

        JsonElement? found = body;
        foreach (var name in FieldPath.Names(path))
        {
            found = found is { ValueKind: JsonValueKind.Object } value ? Member(value, name) : null;
        }

        return found;
    }

    /// <summary>The document's type: the first configured field that is a string.</summary>
    public static string? TypeOf(JsonElement body, ResolutionSettings settings)
    {
        foreach (var field in settings.TypeFields)
        {
            if (Find(body, field) is { ValueKind: JsonValueKind.String } value)
            {
                return JsonEquality.Text(value);
            }
        }

        return null;
    }

    /// <summary>The document without CouchDB's own members, each other member byte for byte and in its place.</summary>
    public static JsonElement Own(RawJson body) => OwnDocument(body).RootElement;

    /// <summary>The same, for a caller who disposes it: what it was parsed into is then used again.</summary>
    public static JsonDocument OwnDocument(RawJson body)
    {
        var reader = new Utf8JsonReader(body.Utf8.Span, JsonLimits.Reader);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return body.Parse();
        }

        var buffer = new ArrayBufferWriter<byte>(Math.Max(body.Utf8.Length, 2));
        buffer.Write("{"u8);
        var first = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Names with escapes are the only ones that have to be read to be known.
            var name = reader.ValueSpan;
            var isOwn = !(reader.ValueIsEscaped || name.StartsWith((byte)'_')) || !CouchMembers.IsReserved(JsonEquality.Text(name));
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isOwn)
            {
                WriteMember(buffer, name, body.Utf8.Span[start..(int)reader.BytesConsumed], ref first);
            }
        }

        buffer.Write("}"u8);
        return JsonDocument.Parse(buffer.WrittenMemory, JsonLimits.Document);
    }

    /// <summary>Parses bytes that nobody changes any more.</summary>
    public static JsonElement Parse(ReadOnlyMemory<byte> utf8) => JsonDocument.Parse(utf8, JsonLimits.Document).RootElement;

    /// <summary>Writes a member under its name as it stood, with a comma before all but the first.</summary>
    public static void WriteMember(ArrayBufferWriter<byte> buffer, JsonProperty name, ReadOnlySpan<byte> value, ref bool first) =>
        WriteMember(buffer, JsonMarshal.GetRawUtf8PropertyName(name), value, ref first);

    private static void WriteMember(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref bool first)
    {
        buffer.Write(first ? "\""u8 : ",\""u8);
        buffer.Write(name);
        buffer.Write("\":"u8);
        buffer.Write(value);
        first = false;
    }

    /// <summary>An object's member of that name; the last one where the name stands twice. Unlike <see cref="JsonElement"/>'s own search it takes names that are no valid text.</summary>
    public static JsonElement? Member(JsonElement value, string name)
    {
        JsonElement? found = null;
        foreach (var property in value.EnumerateObject())
        {
            found = Is(property, name) ? property.Value : found;
        }

        return found;
    }

    // Nearly every name differs in its length or is plain ASCII: no text has to be made to see that.
    private static bool Is(JsonProperty property, string name)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(property);
        var needsReading = raw.Contains((byte)'\\') || !Ascii.IsValid(raw);
        return needsReading ? JsonEquality.Name(property) == name : Ascii.Equals(raw, name);
    }
}
