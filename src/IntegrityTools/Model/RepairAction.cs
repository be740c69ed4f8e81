using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>What an operation will do, in its store kind's terms.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ResolveConflictAction), "resolve_conflict")]
[JsonDerivedType(typeof(RestoreRevisionsAction), "restore_revisions")]
[JsonDerivedType(typeof(RestoreFileAction), "restore_file")]
[JsonDerivedType(typeof(RestoreBackupAction), "restore_backup")]
[JsonDerivedType(typeof(RemoveRestoredAction), "remove_restored")]
[JsonDerivedType(typeof(ChangeRowAction), "change_row")]
[JsonDerivedType(typeof(RestoreRowAction), "restore_row")]
[JsonDerivedType(typeof(ReindexAction), "reindex")]
[JsonDerivedType(typeof(CheckpointAction), "checkpoint")]
[JsonDerivedType(typeof(SetPragmaAction), "set_pragma")]
[JsonDerivedType(typeof(SetRowAction), "set_row")]
[JsonDerivedType(typeof(InstallSummaryAction), "install_summary")]
[JsonDerivedType(typeof(RestoreSchemaAction), "restore_schema")]
[JsonDerivedType(typeof(CopyRowAction), "copy_row")]
[JsonDerivedType(typeof(SalvageAction), "salvage")]
[JsonDerivedType(typeof(RemoveFileAction), "remove_file")]
[JsonDerivedType(typeof(CompactDatabaseAction), "compact_database")]
[JsonDerivedType(typeof(RebuildIndexAction), "rebuild_index")]
public abstract record RepairAction
{
    /// <summary>False for what changes no value and so leaves an undo nothing to give back.</summary>
    [JsonIgnore]
    public virtual bool IsReversible => true;

    /// <summary>True for what may run for hours: it is a batch of its own, so that what was done before it is recorded by then.</summary>
    [JsonIgnore]
    public virtual bool RunsLong => false;
}
