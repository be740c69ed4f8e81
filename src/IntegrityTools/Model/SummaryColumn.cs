namespace IntegrityTools.Model;

/// <summary>One column of a summary, and how it follows from the events of its row's aggregate.</summary>
public sealed record SummaryColumn
{
    /// <summary>The column.</summary>
    public required string Name { get; init; }

    /// <summary>Its declared type in SQL; null: none, so that every value stays as it is.</summary>
    public string? Type { get; init; }

    /// <summary>How it follows from the events.</summary>
    public required SummaryColumnKind Kind { get; init; }

    /// <summary>Where an event holds the value: columns of the event table, or JSON paths (beginning with <c>$</c>) into its data. The first that is not NULL counts.</summary>
    public IReadOnlyList<string> Sources { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The types of events that matter to the column; empty: all.</summary>
    public IReadOnlyList<string> EventTypes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Of the latest and the first value: true when an event that has none does not count.</summary>
    public bool Keep { get; init; }

    /// <summary>True when an event without a value leaves the column as it is. Of certain events alone the first is known by its value only.</summary>
    internal bool NeedsValue => Keep || (Kind == SummaryColumnKind.First && EventTypes.Count > 0);
}
