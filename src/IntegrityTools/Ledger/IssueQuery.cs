using IntegrityTools.Model;

namespace IntegrityTools.Ledger;

/// <summary>Which known issues to read; all conditions that are set must hold.</summary>
public sealed record IssueQuery
{
    /// <summary>Only of the store with this canonical address.</summary>
    public string? Store { get; init; }

    /// <summary>Only with one of these; empty: any.</summary>
    public IReadOnlyCollection<IssueStatus> Statuses { get; init; } = [];

    /// <summary>Only of these types; null: any.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>Only these; null: any.</summary>
    public IReadOnlyList<string>? Ids { get; init; }
}
