namespace IntegrityTools.Ledger;

/// <summary>An event as its row holds it: sensitive values still sealed.</summary>
internal sealed class StoredEvent
{
    public required long Number { get; init; }

    public required string At { get; init; }

    public required string Actor { get; init; }

    public required string Kind { get; init; }

    public string? Store { get; init; }

    public string? ScanId { get; init; }

    public string? PlanId { get; init; }

    public string? ExecutionId { get; init; }

    public string? Subject { get; init; }

    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The key that seals it; null: none.</summary>
    public string? KeyId { get; init; }

    /// <summary>Encrypted where a key seals it; empty: it has none.</summary>
    public ReadOnlyMemory<byte> Sensitive { get; init; }

    /// <summary>The predecessor's hash.</summary>
    public required byte[] Previous { get; init; }

    /// <summary>Its own hash.</summary>
    public byte[] Hash { get; set; } = [];
}
