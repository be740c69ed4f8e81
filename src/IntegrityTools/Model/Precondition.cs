using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>What the store must still look like for an operation to be right.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(LeafSetPrecondition), "leaves")]
[JsonDerivedType(typeof(FilePrecondition), "file")]
[JsonDerivedType(typeof(FileSetPrecondition), "files")]
[JsonDerivedType(typeof(RowPrecondition), "row")]
[JsonDerivedType(typeof(SettingPrecondition), "setting")]
[JsonDerivedType(typeof(SchemaPrecondition), "summary_schema")]
public abstract record Precondition;
