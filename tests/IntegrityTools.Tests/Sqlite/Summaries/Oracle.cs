using System.Globalization;
using System.Text;
using System.Text.Json;

namespace IntegrityTools.Tests.Sqlite.Summaries;

/// <summary>The meanings of Healarr's summary, written down a second time, in another language than SQL.</summary>
internal static class Oracle
{
    public static IReadOnlyList<string> Rows(string path)
    {
        using var connection = Databases.Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT aggregate_id, event_type, event_data, created_at, aggregate_type FROM events ORDER BY id";
        using var reader = command.ExecuteReader();
        var rows = new SortedDictionary<string, string?[]>(StringComparer.Ordinal);
        while (reader.Read())
        {
            var (id, kind) = (reader.GetString(0), reader.GetString(1));
            if (reader.GetString(4) != "corruption" || kind is "NotificationSent" or "NotificationFailed")
            {
                continue;
            }

            var data = Parse(reader.GetValue(2));
            var at = reader.IsDBNull(3) ? null : Convert.ToString(reader.GetValue(3), CultureInfo.InvariantCulture);
            var first = !rows.TryGetValue(id, out var row);
            if (first)
            {
                rows.Add(id, row = [id, null, "0", null, null, null, null, at, null]);
            }

            row![1] = kind;
            row[2] = (int.Parse(row[2]!, CultureInfo.InvariantCulture) + (Corruptions.Retries.Contains(kind) ? 1 : 0)).ToString(CultureInfo.InvariantCulture);
            if (kind == "CorruptionDetected")
            {
                row[3] = Member(data, "file_path") ?? row[3];
                row[4] = Member(data, "path_id") ?? row[4];
                row[6] = Member(data, "corruption_type") ?? row[6];
            }

            row[5] = Member(data, "error");
            row[8] = at;
        }

        return [.. rows.Values.Select(row => string.Join('|', row.Select(value => value ?? "NULL")))];
    }

    private static JsonElement? Parse(object data)
    {
        try
        {
            using var document = JsonDocument.Parse(data is byte[] bytes ? Encoding.UTF8.GetString(bytes) : (string)data);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Member(JsonElement? data, string name) =>
        data is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
            : null;
}
