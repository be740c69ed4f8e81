namespace IntegrityTools.CouchDb.Json;

/// <summary>The members of a document that are CouchDB's and not the user's.</summary>
internal static class CouchMembers
{
    /// <summary>The id.</summary>
    public const string Id = "_id";

    /// <summary>The revision.</summary>
    public const string Revision = "_rev";

    /// <summary>True for those that no body of ours carries: the store or the operation's other fields say them.</summary>
    public static bool IsReserved(string name) => name is Id or Revision or "_revisions" or "_attachments" or "_deleted" or "_conflicts"
        or "_deleted_conflicts" or "_revs_info" or "_local_seq";
}
