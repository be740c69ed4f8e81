using System.Security.Cryptography;
using System.Text.Json;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Revisions;

/// <summary>Reads what CouchDB's own members say of a document, in one pass over its bytes; the user's members are stepped over.</summary>
internal static class DocumentReader
{
    /// <summary>Reads a document of which some attachments' data stands elsewhere.</summary>
    /// <exception cref="JsonException">It is no JSON object with a string <c>_id</c>, or its revision is none.</exception>
    public static DocumentRevision Read(ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, HeldAttachment> held)
    {
        var revision = Read(body);
        return held.Count == 0 ? revision : revision with
        {
            Held = held,
            Attachments = [.. revision.Attachments.Select(attachment => held.TryGetValue(attachment.Name, out var found)
                ? attachment with { Length = found.Length, Digest = attachment.Digest ?? found.Digest }
                : attachment)],
        };
    }

    /// <summary>Reads a document; its bytes become the revision's body as they are.</summary>
    /// <exception cref="JsonException">It is no JSON object with a string <c>_id</c>, or its revision is none.</exception>
    public static DocumentRevision Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return ReadMembers(body);
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("A name in it is no valid text.", exception);
        }
    }

    /// <summary>The attachments of a document, which need not have been written yet.</summary>
    /// <exception cref="JsonException">It is no JSON object.</exception>
    public static IReadOnlyList<AttachmentInfo> AttachmentsOf(RawJson body)
    {
        List<AttachmentInfo> attachments = [];
        var reader = new Utf8JsonReader(body.Utf8.Span, JsonLimits.Reader);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isAttachments = reader.ValueTextEquals(CouchNames.Attachments);
            reader.Read();
            if (isAttachments)
            {
                ReadAttachments(ref reader, attachments);
            }
            else
            {
                reader.Skip();
            }
        }

        return attachments;
    }

    private static DocumentRevision ReadMembers(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span, JsonLimits.Reader);
        string? id = null;
        string? rev = null;
        var deleted = false;
        var start = 0;
        List<string> hashes = [];
        List<AttachmentInfo> attachments = [];
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A document is not a JSON object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(CouchNames.DocumentId))
            {
                reader.Read();
                id = Text(ref reader);
            }
            else if (reader.ValueTextEquals(CouchNames.DocumentRev))
            {
                reader.Read();
                rev = Text(ref reader);
            }
            else if (reader.ValueTextEquals(CouchNames.DocumentDeleted))
            {
                reader.Read();
                deleted = reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            else if (reader.ValueTextEquals(CouchNames.Revisions))
            {
                reader.Read();
                start = ReadRevisions(ref reader, hashes);
            }
            else if (reader.ValueTextEquals(CouchNames.Attachments))
            {
                reader.Read();
                ReadAttachments(ref reader, attachments);
            }
            else
            {
                reader.Skip();
            }
        }

        var revision = RevisionId.TryParse(rev, out var parsed) ? parsed : Implied(start, hashes);
        return new DocumentRevision
        {
            Id = id ?? throw new JsonException("A document has no _id."),
            Revision = revision,
            Deleted = deleted,
            Body = new RawJson(body),
            History = History(revision, start, hashes),
            Attachments = attachments,
        };
    }

    private static RevisionId Implied(int start, List<string> hashes) =>
        start > 0 && hashes.Count > 0 ? new RevisionId(start, hashes[0]) : throw new JsonException("A document has no usable _rev.");

    // A history that does not begin with the revision itself is another document's: the revision then stands alone.
    private static IReadOnlyList<RevisionId> History(RevisionId revision, int start, List<string> hashes) =>
        start == revision.Generation && hashes.Count > 0 && hashes[0] == revision.Hash
            ? [.. hashes.Take(start).Select((hash, index) => new RevisionId(start - index, hash))]
            : [revision];

    private static int ReadRevisions(ref Utf8JsonReader reader, List<string> hashes)
    {
        var start = 0;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return start;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isStart = reader.ValueTextEquals(CouchNames.RevisionsStart);
            var isIds = reader.ValueTextEquals(CouchNames.RevisionsIds);
            reader.Read();
            if (isStart && reader.TokenType == JsonTokenType.Number)
            {
                reader.TryGetInt32(out start);
            }
            else if (isIds && reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    hashes.Add(Text(ref reader) ?? throw new JsonException("_revisions holds something that is no string."));
                }
            }
            else
            {
                reader.Skip();
            }
        }

        return start;
    }

    private static void ReadAttachments(ref Utf8JsonReader reader, List<AttachmentInfo> attachments)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text(ref reader)!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            attachments.Add(ReadAttachment(ref reader, name));
        }
    }

    private static AttachmentInfo ReadAttachment(ref Utf8JsonReader reader, string name)
    {
        string? contentType = null;
        string? digest = null;
        string? computed = null;
        long? length = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(CouchNames.ContentType) || reader.ValueTextEquals(CouchNames.ContentTypeCamel))
            {
                reader.Read();
                contentType = Text(ref reader);
            }
            else if (reader.ValueTextEquals(CouchNames.Digest))
            {
                reader.Read();
                digest = Text(ref reader);
            }
            else if (reader.ValueTextEquals(CouchNames.Length))
            {
                reader.Read();
                length = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) ? number : null;
                reader.Skip();
            }
            else if (reader.ValueTextEquals(CouchNames.Data))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes))
                {
                    length ??= bytes.Length;
                    computed = digest is null ? Md5(bytes) : null;
                }

                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        return new AttachmentInfo(name, contentType, digest ?? computed, length);
    }

#pragma warning disable CA5351 // CouchDB names attachments by MD5: a digest, no protection.
    private static string Md5(byte[] bytes) => "md5-" + Convert.ToBase64String(MD5.HashData(bytes));
#pragma warning restore CA5351

    private static string? Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
        {
            try
            {
                return reader.GetString();
            }
            catch (InvalidOperationException exception)
            {
                throw new JsonException("An id, a revision or a type is no valid text.", exception);
            }
        }

        reader.Skip();
        return null;
    }
}
