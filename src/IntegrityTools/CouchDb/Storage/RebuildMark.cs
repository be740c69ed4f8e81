using System.Buffers;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>
/// A mark among a design document's <c>options</c>. It gives the index another name, while its functions and what a query answers stay the same: so
/// the stored index can be thrown away without the definition ever being gone.
/// </summary>
internal static class RebuildMark
{
    private const string Options = "options";
    private const string Name = "integrity_rebuild";

    /// <summary>True for a design document that has it.</summary>
    public static bool IsOn(RawJson design)
    {
        using var document = design.Parse();
        return document.RootElement.TryGetProperty(Options, out var options) && options.ValueKind == JsonValueKind.Object && options.TryGetProperty(Name, out _);
    }

    /// <summary>The document with the mark, all else as it was.</summary>
    public static RawJson Set(RawJson design)
    {
        using var document = design.Parse();
        var root = document.RootElement;
        var had = root.TryGetProperty(Options, out var options) && options.ValueKind == JsonValueKind.Object;
        return Write(root, had, writer =>
        {
            foreach (var option in had ? options.EnumerateObject().ToList() : [])
            {
                option.WriteTo(writer);
            }

            // Whether there were options before is part of what has to come back.
            writer.WriteBoolean(Name, had);
        });
    }

    /// <summary>The document as it was before the mark.</summary>
    public static RawJson Remove(RawJson design)
    {
        using var document = design.Parse();
        var options = document.RootElement.GetProperty(Options);
        return Write(document.RootElement, true, options.GetProperty(Name).ValueKind == JsonValueKind.False ? null : writer =>
        {
            foreach (var option in options.EnumerateObject().Where(option => option.Name != Name))
            {
                option.WriteTo(writer);
            }
        });
    }

    /// <summary>The document with other options in their place, or at its end where it has none; without them for null.</summary>
    private static RawJson Write(JsonElement root, bool inPlace, Action<Utf8JsonWriter>? options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            foreach (var member in root.EnumerateObject())
            {
                if (member.Name != Options)
                {
                    writer.WritePropertyName(member.Name);
                    writer.WriteRawValue(member.Value.GetRawText());
                }
                else
                {
                    WriteOptions(writer, options);
                }
            }

            if (!inPlace)
            {
                WriteOptions(writer, options);
            }

            writer.WriteEndObject();
        }

        return new RawJson(buffer.WrittenMemory);
    }

    private static void WriteOptions(Utf8JsonWriter writer, Action<Utf8JsonWriter>? options)
    {
        if (options is not null)
        {
            writer.WriteStartObject(Options);
            options(writer);
            writer.WriteEndObject();
        }
    }
}
