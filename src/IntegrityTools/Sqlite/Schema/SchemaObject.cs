namespace IntegrityTools.Sqlite.Schema;

/// <summary>A table, index, view or trigger.</summary>
/// <param name="Type">table, index, view or trigger.</param>
/// <param name="Name">Its name.</param>
/// <param name="Table">The table to which it belongs.</param>
/// <param name="RootPage">The first page of its b-tree; 0: it has none.</param>
/// <param name="Sql">Its definition; null for an index that a constraint made.</param>
internal sealed record SchemaObject(string Type, string Name, string Table, long RootPage, string? Sql);
