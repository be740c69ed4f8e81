using IntegrityTools.Ledger;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Schema;

/// <summary>A table's columns, and how one of its rows is named.</summary>
internal sealed class TableShape
{
    /// <summary>Why no row of a table can be named whose <see cref="Key"/> is empty.</summary>
    public const string Hidden = "the table has no primary key, and columns named rowid, _rowid_ and oid, which hide the rowid";

    private static readonly string[] RowIdNames = ["_rowid_", "rowid", "oid"];

    private TableShape(string name) => Name = name;

    /// <summary>The table.</summary>
    public string Name { get; }

    /// <summary>The columns that hold values of their own: generated ones are left out.</summary>
    public IReadOnlyList<string> Columns { get; private init; } = [];

    /// <summary>The columns that refuse NULL.</summary>
    public IReadOnlySet<string> NotNull { get; private init; } = new HashSet<string>();

    /// <summary>The primary key's columns, in its order.</summary>
    public IReadOnlyList<string> PrimaryKey { get; private init; } = [];

    /// <summary>The name under which the rowid is reached; null for a table without one.</summary>
    public string? RowId { get; private init; }

    /// <summary>The names that make up a row's key: the rowid, or the primary key. Empty: nothing names a row.</summary>
    public IReadOnlyList<string> Key => RowId is null ? PrimaryKey : [RowId];

    /// <summary>The foreign keys.</summary>
    public IReadOnlyList<ForeignKey> ForeignKeys { get; private init; } = [];

    /// <summary>The key as SQL, each part behind a prefix.</summary>
    public string KeySql(string prefix = "") => RowId is null ? SqlName.List(PrimaryKey, prefix) : prefix + RowId;

    /// <summary>Reads a table's shape; null when there is no such table.</summary>
    public static TableShape? Read(SqliteConnection connection, string table)
    {
        var columns = new List<(string Name, bool NotNull, long Key, long Hidden)>();
        using (var command = connection.Prepare("SELECT name, \"notnull\", pk, hidden FROM pragma_table_xinfo($table)", ("$table", table)))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                columns.Add((reader.GetString(0), reader.GetInt64(1) != 0, reader.GetInt64(2), reader.GetInt64(3)));
            }
        }

        return columns.Count == 0 ? null : new TableShape(table)
        {
            Columns = [.. columns.Where(column => column.Hidden == 0).Select(column => column.Name)],
            NotNull = columns.Where(column => column.NotNull).Select(column => column.Name).ToHashSet(StringComparer.OrdinalIgnoreCase),
            PrimaryKey = [.. columns.Where(column => column.Key > 0).OrderBy(column => column.Key).Select(column => column.Name)],
            RowId = FindRowId(connection, table, [.. columns.Select(column => column.Name)]),
            ForeignKeys = ReadForeignKeys(connection, table),
        };
    }

    private static string? FindRowId(SqliteConnection connection, string table, List<string> columns)
    {
        foreach (var name in RowIdNames.Where(name => !columns.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            try
            {
                connection.Run($"SELECT {name} FROM {SqlName.Quote(table)} LIMIT 0");
                return name;
            }
            catch (SqliteException exception) when (exception.Message.Contains("no such column", StringComparison.Ordinal))
            {
                // A table WITHOUT ROWID.
                return null;
            }
        }

        return null;
    }

    private static List<ForeignKey> ReadForeignKeys(SqliteConnection connection, string table)
    {
        var parts = new List<(long Id, string Parent, string From, string? To, string OnDelete)>();
        using var command = connection.Prepare(
            "SELECT id, \"table\", \"from\", \"to\", on_delete FROM pragma_foreign_key_list($table) ORDER BY id, seq", ("$table", table));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            parts.Add((reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.Text(3), reader.GetString(4)));
        }

        return [.. parts.GroupBy(part => part.Id).Select(key => new ForeignKey(
            key.Key,
            key.First().Parent,
            [.. key.Select(part => part.From)],
            [.. key.Where(part => part.To is not null).Select(part => part.To!)],
            key.First().OnDelete))];
    }
}
