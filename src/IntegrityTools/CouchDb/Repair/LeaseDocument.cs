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

    /// <summary>The execution that holds it.</summary>
    [JsonPropertyName("holder")]
    public required string Holder { get; init; }

    /// <summary>User and machine.</summary>
    [JsonPropertyName("owner")]
    public required string Owner { get; init; }

    /// <summary>When it expires, UTC.</summary>
    [JsonPropertyName("expires_at")]
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The lease on the store.</summary>
    public Lease ToLease(string store) => new(store, Holder, Owner, ExpiresAt);
}

/// <summary>How a lease document is written.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LeaseDocument))]
internal sealed partial class LeaseJson : JsonSerializerContext;
