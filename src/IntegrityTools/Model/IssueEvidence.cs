using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>What was seen that makes the issue an issue. Each kind of fault has its own.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ConflictEvidence), "conflict")]
[JsonDerivedType(typeof(EntryEvidence), "entry")]
[JsonDerivedType(typeof(FileEvidence), "file")]
[JsonDerivedType(typeof(RowEvidence), "row")]
[JsonDerivedType(typeof(SettingEvidence), "setting")]
[JsonDerivedType(typeof(DocumentEvidence), "document")]
[JsonDerivedType(typeof(SchemaEvidence), "schema")]
[JsonDerivedType(typeof(SummaryEvidence), "summary")]
[JsonDerivedType(typeof(SizeEvidence), "size")]
[JsonDerivedType(typeof(IndexEvidence), "index")]
[JsonDerivedType(typeof(CountEvidence), "count")]
[JsonDerivedType(typeof(CollisionEvidence), "collision")]
[JsonDerivedType(typeof(DuplicateEvidence), "duplicate")]
public abstract record IssueEvidence;
