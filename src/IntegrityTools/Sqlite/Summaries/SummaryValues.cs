using IntegrityTools.Ledger;
using IntegrityTools.Sqlite.Repair;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>Tells what a table of a summary's form makes of values: SQLite turns a text into a number, or back, by the column's declared type.</summary>
internal sealed class SummaryValues : IDisposable
{
    private readonly SqliteConnection connection = new("Data Source=:memory:;Pooling=False");
    private readonly IReadOnlyList<string> columns;

    /// <summary>Makes such a table in memory.</summary>
    public SummaryValues(SummarySql sql)
    {
        columns = sql.Columns;
        connection.Open();
        connection.Run(sql.CreateTable("row"));
    }

    /// <summary>The values as the table stores them, in its columns' order.</summary>
    public IReadOnlyList<RowValue> Stored(IReadOnlyList<RowValue> values)
    {
        connection.Run("DELETE FROM \"row\"");
        using (var insert = new RawStatement(connection, $"INSERT INTO \"row\" VALUES ({string.Join(", ", values.Select((_, index) => $"?{index + 1}"))})", values))
        {
            insert.Step();
        }

        using var select = new RawStatement(connection, $"SELECT {SqlName.List(columns)} FROM \"row\"", []);
        select.Step();
        return [.. columns.Select((_, index) => select.Read(index))];
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();
}
