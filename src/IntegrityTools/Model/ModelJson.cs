using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>How the model is written as JSON on every surface: snake_case, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    MaxDepth = JsonLimits.HolderDepth)]
[JsonSerializable(typeof(IntegrityIssue))]
[JsonSerializable(typeof(KnownIssue))]
[JsonSerializable(typeof(RepairOperation))]
[JsonSerializable(typeof(RepairPlan))]
[JsonSerializable(typeof(RepairResult))]
[JsonSerializable(typeof(RepairExecution))]
[JsonSerializable(typeof(StoreHealth))]
[JsonSerializable(typeof(ReportSummary))]
[JsonSerializable(typeof(ScanReport))]
[JsonSerializable(typeof(Precondition))]
[JsonSerializable(typeof(IReadOnlyList<IntegrityIssue>))]
[JsonSerializable(typeof(IReadOnlyList<RepairExecution>))]
[JsonSerializable(typeof(IReadOnlyList<ScanReport>))]
[JsonSerializable(typeof(BackupManifest))]
[JsonSerializable(typeof(BackupVerification))]
[JsonSerializable(typeof(RestoreReport))]
[JsonSerializable(typeof(SummaryDefinition))]
[JsonSerializable(typeof(SummaryReport))]
[JsonSerializable(typeof(MaintenanceReport))]
[JsonSerializable(typeof(IReadOnlyList<BackupManifest>))]
public sealed partial class ModelJson : JsonSerializerContext
{
    /// <summary>For what a person or another program may have changed: null is refused where a member must have a value.</summary>
    internal static ModelJson Strict => field ??= new(new JsonSerializerOptions(Default.Options) { RespectNullableAnnotations = true });
}
