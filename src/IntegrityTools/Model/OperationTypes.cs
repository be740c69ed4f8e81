namespace IntegrityTools.Model;

/// <summary>The codes of repair operations.</summary>
public static class OperationTypes
{
    /// <summary>Removes leaves whose bodies equal the kept one's, or a document that was merged into another one: nothing is discarded.</summary>
    public const string DeleteDuplicate = "delete_duplicate";

    /// <summary>Leaves one live leaf where there were several, or decides an edit against a deletion.</summary>
    public const string ResolveConflict = "resolve_conflict";

    /// <summary>Writes what several documents of one thing hold into the one that stays.</summary>
    public const string MergeDuplicates = "merge_duplicates";

    /// <summary>Takes out references that lead nowhere, or makes them lead to a duplicate's survivor or to a configured placeholder.</summary>
    public const string FixReference = "fix_reference";

    /// <summary>Brings a document to the form that its type's rules ask: defaults, names, types of values.</summary>
    public const string UpdateSchema = "update_schema";

    /// <summary>Gives back the live leaves, the winner and the attachments that an earlier operation changed.</summary>
    public const string RestoreRevisions = "restore_revisions";

    /// <summary>Gives back a whole file, byte for byte, as a new file.</summary>
    public const string RestoreFile = "restore_file";

    /// <summary>Gives back what a backup holds: documents that are not there, a document's state, a whole file.</summary>
    public const string RestoreBackup = "restore_backup";

    /// <summary>Takes out what a restore put where nothing was.</summary>
    public const string RemoveRestored = "remove_restored";

    /// <summary>Makes an index anew from its table.</summary>
    public const string Reindex = "reindex";

    /// <summary>Compacts a CouchDB database with its view indexes.</summary>
    public const string CompactDatabase = "compact_database";

    /// <summary>Brings a CouchDB view index up to date, or makes it anew; its definition stays.</summary>
    public const string RebuildIndex = "rebuild_index";

    /// <summary>Writes a write-ahead log back into its database and empties it.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Changes a setting that the database keeps.</summary>
    public const string SetPragma = "set_pragma";

    /// <summary>Deletes a row whose foreign key leads nowhere.</summary>
    public const string DeleteOrphans = "delete_orphans";

    /// <summary>Sets a foreign key that leads nowhere to NULL.</summary>
    public const string NullOrphans = "null_orphans";

    /// <summary>Gives back a row from a backup, to which a foreign key leads.</summary>
    public const string RestoreParentFromBackup = "restore_parent_from_backup";

    /// <summary>Writes what is left of a damaged database into a new file.</summary>
    public const string Salvage = "salvage";

    /// <summary>Removes a file that a repair has written.</summary>
    public const string RemoveFile = "remove_file";

    /// <summary>Gives back a row as it was before.</summary>
    public const string RestoreRow = "restore_row";

    /// <summary>Makes a summary's table, indexes and trigger, filled from the events.</summary>
    public const string InstallSummary = "install_summary";

    /// <summary>Sets values of a summary's row to what its events make them.</summary>
    public const string UpdateSummary = "update_summary";

    /// <summary>Gives back a summary's table, view and triggers as they were before.</summary>
    public const string RestoreSchema = "restore_schema";

    /// <summary>Nothing is done by itself: a person decides.</summary>
    public const string Review = "review";
}
