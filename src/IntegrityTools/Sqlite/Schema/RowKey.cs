using System.Buffers;
using System.Text.Json;
using IntegrityTools.Model;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Schema;

/// <summary>What names one row: its rowid, or the values of its primary key.</summary>
internal static class RowKey
{
    private const int MostShown = 32;

    /// <summary>The values as a JSON array.</summary>
    public static RawJson ToJson(IEnumerable<RowValue> values)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var value in values)
            {
                value.Write(writer);
            }

            writer.WriteEndArray();
        }

        return new RawJson(buffer.WrittenMemory);
    }

    /// <summary>The values of a JSON array or object.</summary>
    public static IReadOnlyList<RowValue> Parse(RawJson json)
    {
        using var document = json.Parse();
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? [.. document.RootElement.EnumerateObject().Select(member => RowValue.Parse(member.Value))]
            : [.. document.RootElement.EnumerateArray().Select(RowValue.Parse)];
    }

    /// <summary>The names of an object's members; null for an array, whose values are the rowid's or the primary key's.</summary>
    public static IReadOnlyList<string>? Names(RawJson json)
    {
        using var document = json.Parse();
        return document.RootElement.ValueKind == JsonValueKind.Object ? [.. document.RootElement.EnumerateObject().Select(member => member.Name)] : null;
    }

    /// <summary>The key as this class writes it, one line: a plan's keys may have gone through any tool that formats JSON.</summary>
    public static RawJson Compact(RawJson key) => Names(key) is { } names ? ToJson(names, Parse(key)) : ToJson(Parse(key));

    /// <summary>Names and values as a JSON object.</summary>
    public static RawJson ToJson(IEnumerable<string> names, IEnumerable<RowValue> values)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in names.Zip(values))
            {
                writer.WritePropertyName(name);
                value.Write(writer);
            }

            writer.WriteEndObject();
        }

        return new RawJson(buffer.WrittenMemory);
    }

    /// <summary>The subject of a row: its table and key.</summary>
    public static string Subject(string table, IEnumerable<RowValue> values) => $"{table}/{string.Join(',', values.Select(Shown))}";

    /// <summary>What tells a row from another with the same subject, since that shortens long values, has commas between them and a sign for each byte that is no text: the whole key; empty where the subject is enough.</summary>
    public static string Distinction(IReadOnlyList<RowValue> values) =>
        values.Any(value => value.Bytes.Length > (value.Type == raw.SQLITE_BLOB ? MostShown : RowValue.MostShown) || (value.Type == raw.SQLITE_TEXT && !value.IsUtf8) || (values.Count > 1 && value.Bytes.Span.Contains((byte)','))) ? ToJson(values).Text : string.Empty;

    // A key of bytes is an id, such as a UUID: its length tells nothing.
    private static string Shown(RowValue value) =>
        value.Type == raw.SQLITE_BLOB ? $"x'{Convert.ToHexStringLower(value.Bytes.Span[..Math.Min(MostShown, value.Bytes.Length)])}{(value.Bytes.Length > MostShown ? "…" : string.Empty)}'" : value.ToString();
}
