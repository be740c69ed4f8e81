using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>JSON for standard output: UTF-8 straight into its buffer.</summary>
internal static class JsonOutput
{
    private static readonly JsonWriterOptions Compact = Options(indented: false);
    private static readonly JsonWriterOptions Readable = Options(indented: true);

    /// <summary>Writes one value on one line.</summary>
    public static void Line<T>(Terminal terminal, Utf8JsonWriter writer, T value, JsonTypeInfo<T> type)
    {
        JsonSerializer.Serialize(writer, value, type);
        writer.Flush();
        writer.Reset();
        terminal.Data.WriteByte((byte)'\n');
    }

    /// <summary>A writer for lines.</summary>
    public static Utf8JsonWriter Lines(Terminal terminal) => new(terminal.Data, Compact);

    /// <summary>Writes one readable document.</summary>
    public static void Document(Terminal terminal, Action<Utf8JsonWriter> write)
    {
        using (var writer = OpenDocument(terminal))
        {
            write(writer);
        }

        terminal.Data.WriteByte((byte)'\n');
    }

    /// <summary>A writer for one readable document that is written bit by bit.</summary>
    public static Utf8JsonWriter OpenDocument(Terminal terminal) => new(terminal.Data, Readable);

    /// <summary>Writes a named object of counts.</summary>
    public static void Counts(Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<string, int>> counts)
    {
        writer.WriteStartObject(name);
        foreach (var (code, count) in counts)
        {
            writer.WriteNumber(code, count);
        }

        writer.WriteEndObject();
    }

    // The reader is a program or a person at a terminal, never a browser: text stays legible.
    private static JsonWriterOptions Options(bool indented) => new()
    {
        Indented = indented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = JsonLimits.HolderDepth,
        SkipValidation = true,
    };
}
