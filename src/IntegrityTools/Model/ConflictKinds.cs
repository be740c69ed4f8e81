namespace IntegrityTools.Model;

/// <summary>The kinds of conflict: one may be of several. All but the first can be asked for as types, too, edit_delete as edit_delete_conflict.</summary>
public static class ConflictKinds
{
    /// <summary>The document was edited on two sides.</summary>
    public const string EditEdit = "edit_edit";

    /// <summary>The document was edited on one side and deleted on another.</summary>
    public const string EditDelete = "edit_delete";

    /// <summary>The sides changed different fields: all edits can be kept.</summary>
    public const string MergeCandidates = IssueTypes.MergeCandidates;

    /// <summary>The sides differ in the application's own version number.</summary>
    public const string VersionMismatch = IssueTypes.VersionMismatch;

    /// <summary>The sides differ in the application's own checksum.</summary>
    public const string ChecksumMismatch = IssueTypes.ChecksumMismatch;
}
