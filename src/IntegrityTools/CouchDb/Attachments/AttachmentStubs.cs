using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Attachments;

/// <summary>Attachments that a dump of another program names without their data, as couchbackup does by default: nothing can give them back.</summary>
internal static class AttachmentStubs
{
    /// <summary>True when a revision, as a dump has it, has such attachments.</summary>
    public static bool AreIn(DocumentRevision revision)
    {
        if (revision.Attachments.Count == 0)
        {
            return false;
        }

        var reader = new Utf8JsonReader(revision.Body.Utf8.Span, JsonLimits.Reader);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isAttachments = reader.ValueTextEquals(CouchNames.Attachments);
            reader.Read();
            while (isAttachments && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!revision.Held.ContainsKey(reader.GetString()!) && !HasData(ref reader))
                {
                    return true;
                }

                reader.Skip();
            }

            reader.Skip();
        }

        return false;
    }

    // A reader is copied: it looks ahead, and whoever asked goes on where it was.
    private static bool HasData(ref readonly Utf8JsonReader at)
    {
        var reader = at;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(CouchNames.Data))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
