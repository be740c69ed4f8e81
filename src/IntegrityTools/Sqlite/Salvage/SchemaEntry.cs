namespace IntegrityTools.Sqlite.Salvage;

/// <summary>A row of sqlite_schema.</summary>
/// <param name="Type">table, index, view or trigger.</param>
/// <param name="Name">Its name.</param>
/// <param name="Table">The table that it belongs to.</param>
/// <param name="Root">Its root page; 0 when it has none, or when nobody knows.</param>
/// <param name="Sql">The statement that made it; null for what SQLite makes itself.</param>
internal sealed record SchemaEntry(string Type, string Name, string Table, uint Root, string? Sql)
{
    /// <summary>Whether it is a virtual table.</summary>
    public bool IsVirtual => Type == "table" && Sql?.StartsWith("CREATE VIRTUAL", StringComparison.OrdinalIgnoreCase) == true;
}
