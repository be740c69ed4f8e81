using System.Text.RegularExpressions;

namespace IntegrityTools.Sqlite.Schema;

/// <summary>A full-text table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="HasTexts">True when the texts stand in it or in another table, so that its index can be made anew; false for one of <c>content=''</c>.</param>
internal sealed partial record FullTextTable(string Name, bool HasTexts)
{
    /// <summary>What is declared, as a full-text table; null when it is none.</summary>
    public static FullTextTable? Of(SchemaObject item) => item is { Type: "table", RootPage: 0, Sql: { } sql } && Module().IsMatch(sql)
        ? new FullTextTable(item.Name, !NoTexts().IsMatch(sql))
        : null;

    [GeneratedRegex(@"\bUSING\s+[""'`\[]?fts[345]\b", RegexOptions.IgnoreCase)]
    private static partial Regex Module();

    [GeneratedRegex(@"\bcontent\s*=\s*(''|"""")", RegexOptions.IgnoreCase)]
    private static partial Regex NoTexts();
}
