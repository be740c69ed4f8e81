using IntegrityTools.Model;

namespace IntegrityTools.Ledger;

/// <summary>Something that happened, to be appended.</summary>
public sealed record LedgerEvent
{
    /// <summary>One of <see cref="LedgerEventKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The store's canonical address, when the event is about one.</summary>
    public string? Store { get; init; }

    /// <summary>The scan it belongs to.</summary>
    public string? ScanId { get; init; }

    /// <summary>The plan it belongs to.</summary>
    public string? PlanId { get; init; }

    /// <summary>The execution it belongs to.</summary>
    public string? ExecutionId { get; init; }

    /// <summary>The subject: an issue's id, a document's id, an operation's number.</summary>
    public string? Subject { get; init; }

    /// <summary>Facts that need no protection: codes, counts, times (a JSON object).</summary>
    public RawJson Data { get; init; } = RawJson.FromText("{}");

    /// <summary>Before and after states and other people's data (JSON); encrypted when a key is configured.</summary>
    public RawJson? Sensitive { get; init; }
}
