using System.Buffers;
using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>Writes request bodies and reads the small answers of the protocol.</summary>
internal static class CouchAnswers
{
    /// <summary>Reads the answer to <c>GET /db</c>.</summary>
    /// <exception cref="IntegrityException">UnexpectedAnswer: it is no JSON, or no CouchDB's.</exception>
    /// <exception cref="JsonException">It is cut.</exception>
    public static DatabaseInfo ReadInfo(byte[] answer, string store)
    {
        if (!answer.AsSpan().TrimStart(" \t\r\n"u8).StartsWith("{"u8))
        {
            throw CouchErrors.Unexpected(store, $"Opening {store}", "no JSON", System.Text.Encoding.UTF8.GetString(answer));
        }

        using var document = JsonDocument.Parse(answer, JsonLimits.Document);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("db_name", out var name) || Number(root, "doc_count") is not { } documents)
        {
            throw CouchErrors.Unexpected(store, $"Opening {store}", "application/json", System.Text.Encoding.UTF8.GetString(answer));
        }

        var sizes = root.TryGetProperty("sizes", out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        return new DatabaseInfo(
            name.GetString() ?? "", documents, Number(root, "doc_del_count"),
            root.TryGetProperty("update_seq", out var seq) ? Sequence(seq) : null,
            Number(sizes, "file"), Number(sizes, "active"), Number(sizes, "external"),
            root.TryGetProperty("instance_start_time", out var start) && Sequence(start) is { } told && told != "0" ? told : null,
            root.TryGetProperty("compact_running", out var running) && running.ValueKind == JsonValueKind.True,
            root.TryGetProperty("props", out var traits) && traits.ValueKind == JsonValueKind.Object
            && traits.TryGetProperty("partitioned", out var partitioned) && partitioned.ValueKind == JsonValueKind.True,
            root.TryGetProperty("purge_seq", out var purge) ? Sequence(purge) : null);
    }

    /// <summary>The body of a bulk read.</summary>
    public static byte[] WriteBulkGet(IReadOnlyList<BulkGetItem> items) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("docs"u8);
        foreach (var item in items)
        {
            writer.WriteStartObject();
            writer.WriteString(CouchNames.Id, item.Id);
            if (item.Revision is not null)
            {
                writer.WriteString(CouchNames.Rev, item.Revision);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>The body that names documents for a filtered changes feed.</summary>
    public static byte[] WriteIds(IReadOnlyList<string> ids) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("doc_ids"u8);
        foreach (var id in ids)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>Reads a small changes feed whole.</summary>
    public static IReadOnlyList<LeafEntry> ReadChanges(byte[] answer)
    {
        using var document = JsonDocument.Parse(answer, JsonLimits.Document);
        return
        [
            .. document.RootElement.GetProperty("results").EnumerateArray().Select(row => new LeafEntry(
                row.GetProperty("id").GetString()!,
                [.. row.GetProperty("changes").EnumerateArray().Select(change => RevisionId.Parse(change.GetProperty("rev").GetString()!))])),
        ];
    }

    /// <summary>Reads the answer to a bulk write.</summary>
    public static IReadOnlyList<WriteResult> ReadWriteResults(byte[] answer, string store)
    {
        using var document = JsonDocument.Parse(answer, JsonLimits.Document);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw CouchErrors.Unexpected(store, "Writing documents", "application/json", System.Text.Encoding.UTF8.GetString(answer));
        }

        return
        [
            .. document.RootElement.EnumerateArray().Select(row => new WriteResult(
                row.Text("id") ?? "", row.Text("error") is null ? row.Text("rev") : null, row.Text("error"), row.Text("reason"))),
        ];
    }

    /// <summary>Reads the answer to the write of one document.</summary>
    public static WriteResult ReadWriteResult(string id, byte[] answer)
    {
        using var document = JsonDocument.Parse(answer, JsonLimits.Document);
        var error = document.RootElement.Text("error");
        return new WriteResult(id, error is null ? document.RootElement.Text("rev") : null, error, document.RootElement.Text("reason"));
    }

    /// <summary>The <c>_id</c> and <c>_rev</c> of a document.</summary>
    public static (string? Id, string? Revision) NameOf(RawJson document)
    {
        using var parsed = document.Parse();
        return (parsed.RootElement.Text("_id"), parsed.RootElement.Text("_rev"));
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string? Sequence(JsonElement seq) => seq.ValueKind == JsonValueKind.String ? seq.GetString() : seq.GetRawText();

    private static long? Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
