using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Writes documents for CouchDB around bodies whose bytes stay as they are.</summary>
internal static class DocumentText
{
    /// <summary>A document that replaces the parent: <c>{"_id":…,"_rev":…,"_deleted":…,"_attachments":…, the user's members}</c>.</summary>
    public static void WriteUpdate(NewRevision revision, IBufferWriter<byte> output) => Write(output, revision, writer =>
    {
        if (!revision.Revives)
        {
            writer.WriteString("_rev", revision.Parent.Revision.ToString());
        }
    });

    /// <summary>A document with its own revision and history, as a dump holds it.</summary>
    public static void WriteWithHistory(NewRevision revision, RevisionId own, IBufferWriter<byte> output) => Write(output, revision, writer =>
    {
        writer.WriteString("_rev", own.ToString());
        writer.WriteStartObject("_revisions");
        writer.WriteNumber("start", own.Generation);
        writer.WriteStartArray("ids");
        writer.WriteStringValue(own.Hash);
        foreach (var ancestor in revision.Parent.History)
        {
            writer.WriteStringValue(ancestor.Hash);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>SHA-256 (lower-case hex) over the canonical body without CouchDB's members: equal for equal documents.</summary>
    public static string Digest(RawJson body)
    {
        using var document = body.Parse();
        return CanonicalJson.Digest(document.RootElement, CouchMembers.Reserved);
    }

    /// <summary>True for a body without members of the user's, as that of a tombstone that only deletes.</summary>
    public static bool IsBare(RawJson body)
    {
        using var document = body.Parse();
        return document.RootElement.EnumerateObject().All(CouchMembers.IsReserved);
    }

    /// <summary>The raw <c>_attachments</c> member; null when there is none.</summary>
    public static RawJson? AttachmentsOf(RawJson body)
    {
        if (body.Utf8.Span.IndexOf("\"_attachments\""u8) < 0)
        {
            return null;
        }

        using var document = body.Parse();
        return document.RootElement.TryGetProperty("_attachments"u8, out var attachments)
            ? new RawJson(JsonMarshal.GetRawUtf8Value(attachments).ToArray())
            : null;
    }

    /// <summary>A revision hash for a dump: MD5, as long as CouchDB's own, over the parent, the deletion, body and attachments, so that equal repairs get equal revisions.</summary>
    public static RevisionId NextRevision(NewRevision revision)
    {
        var text = string.Join(
            '\0',
            revision.Parent.Id,
            revision.Parent.Revision,
            revision.Deleted ? "deleted" : "live",
            Digest(revision.Body),
            revision.Attachments?.ToString(),
            string.Join('\0', revision.Held.OrderBy(attachment => attachment.Key, StringComparer.Ordinal).Select(attachment => attachment.Value.Sha256)));
#pragma warning disable CA5351 // A name for a revision, as CouchDB makes them; nothing is protected by it.
        var hash = MD5.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5351
        return new RevisionId(revision.Parent.Revision.Generation + 1, Convert.ToHexStringLower(hash));
    }

    private static void Write(IBufferWriter<byte> output, NewRevision revision, Action<Utf8JsonWriter> revisionMembers)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true, MaxDepth = JsonLimits.MaximumDepth });
        writer.WriteStartObject();
        writer.WriteString("_id", revision.Parent.Id);
        revisionMembers(writer);
        if (revision.Deleted)
        {
            writer.WriteBoolean("_deleted", true);
        }

        if (revision.Attachments is { } attachments)
        {
            writer.WritePropertyName("_attachments");
            writer.WriteRawValue(attachments.Utf8.Span, skipInputValidation: true);
        }

        writer.Flush();
        WriteMembers(revision.Body, output);
        output.Write("}"u8);
    }

    /// <summary>The user's members as they stand, name and value byte for byte.</summary>
    private static void WriteMembers(RawJson body, IBufferWriter<byte> output)
    {
        using var document = body.Parse();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (!CouchMembers.IsReserved(member))
            {
                output.Write(",\""u8);
                output.Write(JsonMarshal.GetRawUtf8PropertyName(member));
                output.Write("\":"u8);
                output.Write(JsonMarshal.GetRawUtf8Value(member.Value));
            }
        }
    }
}
