using IntegrityTools.Configuration;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Summaries;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Holds a database against the preconditions of operations.</summary>
internal sealed class SqliteState(SqliteConnection connection)
{
    /// <summary>The name of a setting precondition that is about an index.</summary>
    public const string IndexPrefix = "index:";

    /// <summary>Rows, for those that change them.</summary>
    public RowAccess Rows { get; } = new(connection);

    /// <summary>True when the precondition holds now.</summary>
    public bool Holds(Precondition precondition) => precondition switch
    {
        RowPrecondition row => Rows.Read(row.Table, row.Key)?.Sha256 == row.Sha256,
        SchemaPrecondition schema => SummarySchema.Read(connection, schema.EventTable, schema.Table, schema.View).Precondition == schema,
        SettingPrecondition setting => Setting(setting.Name) == setting.Value,
        _ => false,
    };

    /// <summary>A setting's value, or an object's definition; null when there is none.</summary>
    public string? Setting(string name)
    {
        if (name.StartsWith(IndexPrefix, StringComparison.Ordinal))
        {
            // A full-text index is declared as a table.
            using var index = connection.Prepare(
                "SELECT ifnull(sql, tbl_name) FROM sqlite_master WHERE (type = 'index' OR type = 'table' AND rootpage = 0) AND name = $name", ("$name", name[IndexPrefix.Length..]));
            return index.ExecuteScalar() as string;
        }

        using var pragma = connection.Prepare($"PRAGMA {Known(name)}");
        var value = pragma.ExecuteScalar();
        return value is long number ? Codes.Of((SqliteAutoVacuum)number) : value as string;
    }

    /// <summary>The setting's name when it is one that a plan may change: a plan can come from a file, and its words do not go into SQL unread.</summary>
    /// <exception cref="IntegrityException">It is none of them.</exception>
    public static string Known(string name) => name is "journal_mode" or "auto_vacuum"
        ? name
        : throw new IntegrityException(ErrorIds.InvalidArgument, $"'{name}' is no setting that a plan may change.", name, "Take the operation out of the plan.");
}
