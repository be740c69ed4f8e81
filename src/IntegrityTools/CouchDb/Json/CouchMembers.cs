using System.Text.Json;

namespace IntegrityTools.CouchDb.Json;

/// <summary>The members at the top of a document that are CouchDB's and not the user's: no body of ours carries them.</summary>
internal static class CouchMembers
{
    /// <summary>The id.</summary>
    public const string Id = "_id";

    /// <summary>The revision.</summary>
    public const string Revision = "_rev";

    private static readonly string[] Names =
        [Id, Revision, "_revisions", "_attachments", "_deleted", "_conflicts", "_deleted_conflicts", "_revs_info", "_local_seq"];

    /// <summary>Their names, as JSON writes them.</summary>
    public static IReadOnlyList<JsonEncodedText> Reserved { get; } = [.. Names.Select(name => JsonEncodedText.Encode(name))];

    /// <summary>True for the name of such a member.</summary>
    public static bool IsReserved(string name) => Array.IndexOf(Names, name) >= 0;

    /// <summary>True for such a member, however its name is escaped.</summary>
    public static bool IsReserved(JsonProperty member)
    {
        foreach (var name in Reserved)
        {
            if (member.NameEquals(name.EncodedUtf8Bytes))
            {
                return true;
            }
        }

        return false;
    }
}
