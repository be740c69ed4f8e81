using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>All values of one row, byte for byte.</summary>
/// <param name="Columns">The columns, generated ones left out.</param>
/// <param name="Values">Their values.</param>
internal sealed record RowImage(IReadOnlyList<string> Columns, IReadOnlyList<RowValue> Values)
{
    private const int MostShown = 64 * 1024;

    /// <summary>SHA-256 (hex) over the values with their types.</summary>
    public string Sha256
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var value in Values)
            {
                value.AppendTo(hash);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>The row with some columns set to NULL.</summary>
    public RowImage WithNull(IReadOnlyList<string> columns) => this with
    {
        Values = [.. Values.Select((value, index) => columns.Contains(Columns[index], StringComparer.OrdinalIgnoreCase) ? RowValue.Null : value)],
    };

    /// <summary>The row with some columns set.</summary>
    public RowImage With(IReadOnlyDictionary<string, RowValue> values) => this with
    {
        Values = [.. Values.Select((value, index) => values.TryGetValue(Columns[index], out var set) ? set : value)],
    };

    /// <summary>The row as far as another one has its columns, in that one's order; null when a column of that is gone.</summary>
    public RowImage? In(RowImage other) => other.Columns.All(column => Columns.Contains(column, StringComparer.OrdinalIgnoreCase))
        ? new RowImage(other.Columns, [.. other.Columns.Select(Of)])
        : null;

    /// <summary>A column's value.</summary>
    public RowValue Of(string column)
    {
        for (var index = 0; index < Columns.Count; index++)
        {
            if (Columns[index].Equals(column, StringComparison.OrdinalIgnoreCase))
            {
                return Values[index];
            }
        }

        return RowValue.Null;
    }

    /// <summary>The row as a JSON object, for people; null past 64 KiB.</summary>
    public RawJson? ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            for (var index = 0; index < Columns.Count; index++)
            {
                writer.WritePropertyName(Columns[index]);
                Values[index].Write(writer);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenCount > MostShown ? null : new RawJson(buffer.WrittenMemory);
    }
}
