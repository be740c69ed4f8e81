using IntegrityTools.Model;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>
/// What a definition must fulfil before its words go into SQL. One that stands in a trigger, or in a plan from a file, was not read by
/// <see cref="SummaryDefinitionReader"/>: whoever made the database or the file wrote it.
/// </summary>
internal static class SummaryGuard
{
    /// <summary>True when nothing of it is missing, and its types, the only words that are not put in quotes, are types.</summary>
    public static bool Admits(SummaryDefinition? definition) =>
        definition is { EventTable: not null, Order: not null, AggregateId: not null, EventType: not null, Table: not null, Key: not null, Columns: not null, Indexes: not null }
        && AreTexts(definition.Except) && AreTexts(definition.BeginWith) && definition.Indexes.All(AreTexts)
        && IsType(definition.KeyType)
        && (definition.Of is null || definition.AggregateType is not null)
        && definition.Columns.All(column => IsColumn(column, definition.Data is not null))
        && new SummarySql(definition).Columns.Distinct(StringComparer.OrdinalIgnoreCase).Count() == definition.Columns.Count + 1 + SummarySql.Own.Count;

    private static bool IsColumn(SummaryColumn? column, bool hasData) =>
        column is { Name: not null }
        && AreTexts(column.Sources) && AreTexts(column.EventTypes)
        && (column.Kind == SummaryColumnKind.Count || column.Sources.Count > 0)
        && IsType(column.Type)
        && (hasData || !column.Sources.Any(source => source.StartsWith('$')));

    private static bool AreTexts(IReadOnlyList<string?>? texts) => texts?.All(text => text is not null) == true;

    private static bool IsType(string? type) => type is null || SummaryColumnEntry.DeclaredType().IsMatch(type);
}
