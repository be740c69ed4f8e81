namespace IntegrityTools.Sqlite.Schema;

/// <summary>Names of tables, columns and indexes, and texts, as SQL takes them, whatever they hold.</summary>
internal static class SqlName
{
    /// <summary>The name in quotes.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text as SQL takes it.</summary>
    public static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>Names in quotes, each behind a prefix such as <c>c.</c>, with commas between.</summary>
    public static string List(IEnumerable<string> names, string prefix = "") => string.Join(", ", names.Select(name => prefix + Quote(name)));
}
