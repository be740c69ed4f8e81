using IntegrityTools.Ledger;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>Drops and makes objects of a schema, each kind in its turn.</summary>
internal static class SummaryObjects
{
    // A view's and a table's triggers go with it; they are dropped first, so that each can be named.
    private static readonly string[] DroppingOrder = ["trigger", "view", "index", "table"];

    /// <summary>True for the view and its triggers.</summary>
    public static bool IsOfView(SchemaObject item, SummarySchema schema) => schema.View is { } view && item.Table.Equals(view.Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Drops objects.</summary>
    public static void Drop(SqliteConnection connection, IEnumerable<SchemaObject> objects)
    {
        foreach (var item in objects.OrderBy(item => Array.IndexOf(DroppingOrder, item.Type)).ToList())
        {
            connection.Run($"DROP {item.Type.ToUpperInvariant()} main.{SqlName.Quote(item.Name)}");
        }
    }

    /// <summary>Makes objects by their own definitions: the table first, and what hangs on it last.</summary>
    public static void Create(SqliteConnection connection, IEnumerable<SchemaObject> objects)
    {
        foreach (var item in objects.OrderByDescending(item => Array.IndexOf(DroppingOrder, item.Type)))
        {
            connection.Run(item.Sql!);
        }
    }
}
