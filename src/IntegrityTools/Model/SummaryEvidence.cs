namespace IntegrityTools.Model;

/// <summary>Evidence of a summary that is not what its events make it.</summary>
public sealed record SummaryEvidence : IssueEvidence
{
    /// <summary>The summary's table.</summary>
    public required string Table { get; init; }

    /// <summary>The row, as a JSON object of its key column and value; null when the table as a whole is meant.</summary>
    public RawJson? Key { get; init; }

    /// <summary>The column that differs; null when the row is missing, or the table as a whole is meant.</summary>
    public string? Column { get; init; }

    /// <summary>What the column holds, as JSON.</summary>
    public RawJson? Found { get; init; }

    /// <summary>What the events make it, as JSON; of a missing row an object of all columns.</summary>
    public RawJson? Expected { get; init; }

    /// <summary>SHA-256 (hex) over the row's values when it was looked at; null: it is missing.</summary>
    public string? RowSha256 { get; init; }

    /// <summary>Of the table as a whole: what is missing or differs, a sentence each.</summary>
    public IReadOnlyList<string> Reasons { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Of the table as a whole: what it should be.</summary>
    public SummaryDefinition? Definition { get; init; }

    /// <summary>Of the table as a whole: true when the view is to be redefined over it.</summary>
    public bool RedefineView { get; init; }
}
