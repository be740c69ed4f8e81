using System.Buffers;
using System.Globalization;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Json;

/// <summary>A document that is nested deeper than values are taken apart (<see cref="JsonLimits.MaximumDepth"/>): it is named, and everything else goes on.</summary>
internal static class DeepDocument
{
    /// <summary>Why such a document is left alone.</summary>
    public static string Reason { get; } = string.Create(CultureInfo.InvariantCulture, $"nested deeper than {JsonLimits.MaximumDepth:N0} levels");

    /// <summary>True for such a document.</summary>
    public static bool Is(ReadOnlyMemory<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8.Span, JsonLimits.Reader);
        while (reader.Read())
        {
            if (reader.CurrentDepth >= JsonLimits.MaximumDepth)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Parses a document; null for one that is nested too deeply.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return JsonDocument.Parse(utf8, JsonLimits.Document);
        }
        catch (JsonException) when (Is(utf8))
        {
            return null;
        }
    }

    /// <summary>Parses a document as far as that can be done: without those of its members that are nested too deeply.</summary>
    public static JsonDocument ParseMost(ReadOnlyMemory<byte> utf8)
    {
        if (TryParse(utf8) is { } whole)
        {
            return whole;
        }

        var buffer = new ArrayBufferWriter<byte>(utf8.Length);
        var reader = new Utf8JsonReader(utf8.Span, JsonLimits.Reader);
        reader.Read();
        buffer.Write("{"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var from = (int)reader.TokenStartIndex;
            reader.Read();
            var value = (int)reader.TokenStartIndex;
            reader.Skip();
            var end = (int)reader.BytesConsumed;
            if (!Is(utf8[value..end]))
            {
                buffer.Write(buffer.WrittenCount > 1 ? ","u8 : default);
                buffer.Write(utf8.Span[from..end]);
            }
        }

        buffer.Write("}"u8);
        return JsonDocument.Parse(buffer.WrittenMemory, JsonLimits.Document);
    }
}
