using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Demo;

/// <summary>Writes documents as couchbackup does: a header line, then one JSON array of revisions a line.</summary>
internal static class DemoDump
{
    private const int RevisionsPerLine = 100;
    private static readonly byte[] Header = """{"name":"@cloudant/couchbackup","version":"2.11.0","mode":"full","attachments":true}"""u8.ToArray();

    // Deeper and stranger values than a careful writer lets through are what the demo is for.
    private static readonly JsonWriterOptions AsGiven = new() { SkipValidation = true, MaxDepth = JsonLimits.MaximumDepth };

    /// <summary>Writes the dump.</summary>
    public static void Write(string path, IEnumerable<DemoDocument> documents)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        file.Write(Header);
        file.WriteByte((byte)'\n');
        using var writer = new Utf8JsonWriter(file, AsGiven);
        var revisions = documents.SelectMany(document => document.Saved().Select(revision => (document.Id, Revision: revision)));
        foreach (var line in revisions.Chunk(RevisionsPerLine))
        {
            writer.WriteStartArray();
            foreach (var (id, revision) in line)
            {
                Write(writer, id, revision);
            }

            writer.WriteEndArray();
            writer.Flush();
            writer.Reset();
            file.WriteByte((byte)'\n');
        }
    }

    private static void Write(Utf8JsonWriter writer, string id, DemoRevision revision)
    {
        writer.WriteStartObject();
        writer.WriteString("_id", id);
        writer.WriteString("_rev", $"{revision.Generation}-{revision.Hash}");
        if (revision.Deleted)
        {
            writer.WriteBoolean("_deleted", true);
        }

        foreach (var (name, json) in revision.Body.Members)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(Encoding.UTF8.GetBytes(json), skipInputValidation: true);
        }

        writer.WriteStartObject("_revisions");
        writer.WriteNumber("start", revision.Generation);
        writer.WriteStartArray("ids");
        foreach (var ancestor in revision.History())
        {
            writer.WriteStringValue(ancestor.Hash);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        if (revision.Body.Attachments.Count > 0)
        {
            writer.WriteStartObject("_attachments");
            foreach (var attachment in revision.Body.Attachments)
            {
                Write(writer, revision, attachment);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, DemoRevision revision, DemoAttachment attachment)
    {
#pragma warning disable CA5351 // CouchDB names attachments by MD5; nothing is secured by it.
        var digest = "md5-" + Convert.ToBase64String(MD5.HashData(attachment.Bytes));
#pragma warning restore CA5351
        writer.WriteStartObject(attachment.Name);
        writer.WriteString("content_type", attachment.ContentType);
        writer.WriteNumber("revpos", revision.Generation);
        writer.WriteString("digest", digest);
        writer.WriteBase64String("data", attachment.Bytes);
        writer.WriteEndObject();
    }
}
