using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Attachments;

/// <summary>What other programs call an attachment's members.</summary>
internal static class AttachmentNames
{
    private static ReadOnlySpan<byte> Quoted => "\"content_type\""u8;

    /// <summary>
    /// The document as a server reads it: couchbackup writes the types of attachments as <c>contentType</c>, which a server passes over, and the type would be lost. Every other
    /// byte stays.
    /// </summary>
    public static RawJson AsServerReads(RawJson document)
    {
        // Most documents do not have the word at all.
        if (document.Utf8.Span.IndexOf(CouchNames.ContentTypeCamel) < 0 || Find(document.Utf8.Span) is not { Count: > 0 } found)
        {
            return document;
        }

        var text = new List<byte>(document.Utf8.Length + found.Count);
        var done = 0;
        foreach (var (from, to) in found)
        {
            text.AddRange(document.Utf8.Span[done..from]);
            text.AddRange(Quoted);
            done = to;
        }

        text.AddRange(document.Utf8.Span[done..]);
        return new RawJson(text.ToArray());
    }

    /// <summary>Where the names stand, with their quotes; those of attachments that have a server's name, too, are left.</summary>
    private static List<(int From, int To)> Find(ReadOnlySpan<byte> document)
    {
        var found = new List<(int, int)>();
        var reader = new Utf8JsonReader(document, JsonLimits.Reader);
        var inAttachments = false;
        var named = false;
        (int, int)? camel = null;
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName)
            {
                inAttachments = reader.ValueTextEquals(CouchNames.Attachments);
            }
            else if (inAttachments && reader.CurrentDepth == 2 && reader.TokenType == JsonTokenType.StartObject)
            {
                (named, camel) = (false, null);
            }
            else if (inAttachments && reader.CurrentDepth == 3 && reader.TokenType == JsonTokenType.PropertyName)
            {
                named |= reader.ValueTextEquals(CouchNames.ContentType);
                camel = reader.ValueTextEquals(CouchNames.ContentTypeCamel) ? ((int)reader.TokenStartIndex, (int)reader.TokenStartIndex + reader.ValueSpan.Length + 2) : camel;
            }
            else if (inAttachments && reader.CurrentDepth == 2 && reader.TokenType == JsonTokenType.EndObject && camel is { } place && !named)
            {
                found.Add(place);
            }
        }

        return found;
    }
}
