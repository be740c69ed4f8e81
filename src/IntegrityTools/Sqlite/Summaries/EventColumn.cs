using IntegrityTools.Ledger;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>A column of the table of events.</summary>
/// <param name="Name">The column.</param>
/// <param name="Type">Its declared type, as it may stand in another table; null: none that may.</param>
/// <param name="IsRowId">True for the INTEGER PRIMARY KEY.</param>
/// <param name="IsUnique">True when no two events can have the same value.</param>
internal sealed record EventColumn(string Name, string? Type, bool IsRowId, bool IsUnique)
{
    /// <summary>The columns of a table; none when there is no such table.</summary>
    public static IReadOnlyList<EventColumn> ReadAll(SqliteConnection connection, string table)
    {
        const string query = """
            SELECT c.name, c.type, c.pk > 0 AND upper(c.type) = 'INTEGER' AND (SELECT count(*) FROM pragma_table_info($table) WHERE pk > 0) = 1
                AND NOT EXISTS (SELECT 1 FROM pragma_index_list($table) WHERE origin = 'pk'),
              EXISTS (SELECT 1 FROM pragma_index_list($table) AS l WHERE l."unique" AND NOT l.partial
                AND (SELECT count(*) = 1 AND max(i.name) = c.name FROM pragma_index_info(l.name) AS i))
            FROM pragma_table_xinfo($table) AS c
            WHERE EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $table COLLATE NOCASE)
            """;
        var columns = new List<EventColumn>();
        using var command = connection.Prepare(query, ("$table", table));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var type = reader.Text(1);
            var rowId = reader.GetInt64(2) != 0;
            columns.Add(new EventColumn(
                reader.GetString(0), type is { Length: > 0 } && SummaryColumnEntry.DeclaredType().IsMatch(type) ? type : null, rowId, rowId || reader.GetInt64(3) != 0));
        }

        return columns;
    }

    /// <summary>True when it is the column of that name.</summary>
    public bool Is(string? name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
