using System.Text.Json.Serialization;

namespace IntegrityTools.CouchDb.Sharing;

/// <summary>How the documents of a shared scan are written.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SharedPlan))]
[JsonSerializable(typeof(SharedWorker))]
internal sealed partial class SharedJson : JsonSerializerContext;
