using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>What an operation will do, in its store kind's terms.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ResolveConflictAction), "resolve_conflict")]
[JsonDerivedType(typeof(RestoreRevisionsAction), "restore_revisions")]
[JsonDerivedType(typeof(RestoreFileAction), "restore_file")]
public abstract record RepairAction;
