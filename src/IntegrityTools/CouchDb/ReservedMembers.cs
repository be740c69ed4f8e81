using System.Text.Json;

namespace IntegrityTools.CouchDb;

/// <summary>Members at the top of a document that belong to CouchDB and not to the user.</summary>
internal static class ReservedMembers
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<JsonEncodedText> Names { get; } =
    [
        JsonEncodedText.Encode("_id"), JsonEncodedText.Encode("_rev"), JsonEncodedText.Encode("_revisions"),
        JsonEncodedText.Encode("_attachments"), JsonEncodedText.Encode("_deleted"), JsonEncodedText.Encode("_conflicts"),
        JsonEncodedText.Encode("_deleted_conflicts"), JsonEncodedText.Encode("_revs_info"), JsonEncodedText.Encode("_local_seq"),
    ];

    /// <summary>True when the member is CouchDB's.</summary>
    public static bool Contains(JsonProperty member)
    {
        foreach (var name in Names)
        {
            if (member.NameEquals(name.EncodedUtf8Bytes))
            {
                return true;
            }
        }

        return false;
    }
}
