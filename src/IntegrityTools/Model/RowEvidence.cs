namespace IntegrityTools.Model;

/// <summary>Evidence of a row that breaks a rule of its schema.</summary>
public sealed record RowEvidence : IssueEvidence
{
    /// <summary>The table.</summary>
    public required string Table { get; init; }

    /// <summary>The row's rowid, or the values of its primary key where it has none, as a JSON array; null when the check does not tell the row.</summary>
    public RawJson? Key { get; init; }

    /// <summary>The columns that break the rule.</summary>
    public IReadOnlyList<string> Columns { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Their values, as a JSON array.</summary>
    public RawJson? Values { get; init; }

    /// <summary>The table to which a foreign key should lead.</summary>
    public string? Parent { get; init; }

    /// <summary>The columns of that table.</summary>
    public IReadOnlyList<string> ParentColumns { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The rule: foreign_key, not_null, check, unique, type (of a STRICT table), affinity (a value of another type than the column makes of it).</summary>
    public required string Rule { get; init; }

    /// <summary>What the schema does with such rows when their parent is deleted, in SQL's words.</summary>
    public string? OnDelete { get; init; }

    /// <summary>How many rows one issue stands for.</summary>
    public long Count { get; init; } = 1;
}
