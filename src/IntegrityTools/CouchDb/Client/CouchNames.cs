namespace IntegrityTools.CouchDb.Client;

/// <summary>The names that CouchDB gives to paths and JSON members, in one place.</summary>
internal static class CouchNames
{
    public const string Changes = "/_changes?style=all_docs&seq_interval=1000";
    public const string WithBodies = "&include_docs=true";
    public const string LastChanges = "/_changes?style=all_docs&descending=true&limit=";
    public const string FirstChange = "/_changes?limit=1&since=";
    public const string AllDocs = "/_all_docs?include_docs=";
    public const string Partition = "/_partition/";
    public const string BulkGet = "/_bulk_get?revs=true";
    public const string WithAttachments = "&attachments=true";
    public const string BulkDocs = "/_bulk_docs";
    public const string OldEdits = "?new_edits=false";
    public const string Local = "/_local/";
    public const string DesignDocuments = "_design/";
    public const string EscapedDot = "%2E";
    public const string ChangesOfIds = "/_changes?style=all_docs&filter=_doc_ids&seq_interval=1000";

    public static ReadOnlySpan<byte> Id => "id"u8;
    public static ReadOnlySpan<byte> Seq => "seq"u8;
    public static ReadOnlySpan<byte> Rev => "rev"u8;
    public static ReadOnlySpan<byte> Results => "results"u8;
    public static ReadOnlySpan<byte> ChangesList => "changes"u8;
    public static ReadOnlySpan<byte> LastSeq => "last_seq"u8;
    public static ReadOnlySpan<byte> Deleted => "deleted"u8;
    public static ReadOnlySpan<byte> Ok => "ok"u8;
    public static ReadOnlySpan<byte> Error => "error"u8;
    public static ReadOnlySpan<byte> Reason => "reason"u8;

    public static ReadOnlySpan<byte> TotalRows => "total_rows"u8;
    public static ReadOnlySpan<byte> Document => "doc"u8;

    public static ReadOnlySpan<byte> DocumentId => "_id"u8;
    public static ReadOnlySpan<byte> DocumentRev => "_rev"u8;
    public static ReadOnlySpan<byte> DocumentDeleted => "_deleted"u8;
    public static ReadOnlySpan<byte> Revisions => "_revisions"u8;
    public static ReadOnlySpan<byte> RevisionsStart => "start"u8;
    public static ReadOnlySpan<byte> RevisionsIds => "ids"u8;
    public static ReadOnlySpan<byte> Attachments => "_attachments"u8;
    public static ReadOnlySpan<byte> ContentType => "content_type"u8;

    /// <summary>The spelling that couchbackup's client library writes.</summary>
    public static ReadOnlySpan<byte> ContentTypeCamel => "contentType"u8;
    public static ReadOnlySpan<byte> Digest => "digest"u8;
    public static ReadOnlySpan<byte> Length => "length"u8;
    public static ReadOnlySpan<byte> Data => "data"u8;

    /// <summary>The path of a document below its database. <c>.</c> and <c>..</c> are legal ids: such a path is sent as it is, which CouchDB takes.</summary>
    public static string PathOf(string id) => id.StartsWith(DesignDocuments, StringComparison.Ordinal) ? $"/{DesignDocuments}{Segment(id[DesignDocuments.Length..])}" : $"/{Segment(id)}";

    /// <summary>One part of a path, escaped.</summary>
    public static string Segment(string name) => name is "." or ".." ? name.Replace(".", EscapedDot, StringComparison.Ordinal) : Uri.EscapeDataString(name);
}
