using System.Text.Json.Serialization;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>The lease as a <c>_local</c> document.</summary>
internal sealed record LeaseDocument
{
    /// <summary>Its id.</summary>
    [JsonPropertyName("_id")]
    public required string Id { get; init; }

    /// <summary>Its revision; null for a first one.</summary>
    [JsonPropertyName("_rev")]
    public string? Revision { get; init; }

    /// <summary>The run that holds it.</summary>
    public required RunIdentity Holder { get; init; }

    /// <summary>User and machine.</summary>
    public required string Owner { get; init; }

    /// <summary>When it expires, UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The lease on the store.</summary>
    public Lease ToLease(string store) => new(store, Holder, Owner, ExpiresAt);
}

/// <summary>How a lease document is written.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LeaseDocument))]
internal sealed partial class LeaseJson : JsonSerializerContext;
