namespace IntegrityTools.Model;

/// <summary>
/// A table with one row for each aggregate, kept by a trigger on the table of its events. Events count in the order of
/// <see cref="Order"/>, whatever their times say.
/// </summary>
public sealed record SummaryDefinition
{
    /// <summary>The table of events.</summary>
    public required string EventTable { get; init; }

    /// <summary>The column by which events are ordered: the INTEGER PRIMARY KEY, or one that is unique.</summary>
    public required string Order { get; init; }

    /// <summary>The column with the type of the aggregate; null: there is one type only.</summary>
    public string? AggregateType { get; init; }

    /// <summary>The column with the aggregate's id.</summary>
    public required string AggregateId { get; init; }

    /// <summary>The column with the event's type.</summary>
    public required string EventType { get; init; }

    /// <summary>The column with the event's data as JSON; null: no column of the summary needs it.</summary>
    public string? Data { get; init; }

    /// <summary>The type of aggregate that is summed up; null: all.</summary>
    public string? Of { get; init; }

    /// <summary>Types of events that do not count.</summary>
    public IReadOnlyList<string> Except { get; init => field = Indexable.Of(value); } = [];

    /// <summary>
    /// Types of events with which an aggregate begins. By them a row that was there before the summary is known to have all of its events still; empty: it is taken
    /// to have lost some, and what only they could tell is kept.
    /// </summary>
    public IReadOnlyList<string> BeginWith { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The table.</summary>
    public required string Table { get; init; }

    /// <summary>Its column with the aggregate's id.</summary>
    public required string Key { get; init; }

    /// <summary>The declared type of <see cref="Key"/>; null: none.</summary>
    public string? KeyType { get; init; }

    /// <summary>A view of the same content, which can be redefined over the table; null: none.</summary>
    public string? View { get; init; }

    /// <summary>The columns.</summary>
    public required IReadOnlyList<SummaryColumn> Columns { get; init => field = Indexable.Of(value); }

    /// <summary>The columns of each index.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Indexes { get; init => field = Indexable.Of(value); } = [];
}
