using System.Buffers;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.Sqlite.Schema;

/// <summary>What names one row: its rowid, or the values of its primary key.</summary>
internal static class RowKey
{
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

    /// <summary>The values of a JSON array.</summary>
    public static IReadOnlyList<RowValue> Parse(RawJson json)
    {
        using var document = json.Parse();
        return [.. document.RootElement.EnumerateArray().Select(RowValue.Parse)];
    }

    /// <summary>The subject of a row: its table and key.</summary>
    public static string Subject(string table, IEnumerable<RowValue> values) => $"{table}/{string.Join(',', values.Select(value => value.ToString()))}";
}
