using IntegrityTools.Configuration;
using IntegrityTools.Ledger;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Sqlite.Schema;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>Connections to databases that are saved or restored, and what is asked of their content.</summary>
internal static class SqliteContent
{
    private const int MostFindings = 20;
    private const int MostNamed = 10;
    private const int BusySeconds = 10;

    /// <summary>Opens a database. It is never checkpointed by us: older libraries can corrupt one that others have open by that.</summary>
    public static SqliteConnection Open(string path, SqliteOpenMode mode, int busySeconds = BusySeconds) => Open(path, path, mode, busySeconds);

    /// <summary>Opens what a reader reads, in its way: no file appears or changes beside the database.</summary>
    public static SqliteConnection Open(QuietReader reader) => Open(reader.Data.Path, reader.Source, SqliteOpenMode.ReadOnly, BusySeconds);

    private static SqliteConnection Open(string path, string source, SqliteOpenMode mode, int busySeconds)
    {
        SqliteRuntime.Initialize();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = source,
            Mode = mode,
            Pooling = false,
        }.ToString());
        try
        {
            connection.OpenFile(path);
            connection.LeaveLogOnClose();
            BusyWait.Set(connection, TimeSpan.FromSeconds(busySeconds));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>What SQLite's check finds: its first findings of damage. Rows that break a rule of the schema, however many, hide none.</summary>
    public static ContentCheck Check(SqliteConnection connection)
    {
        var answers = new CheckAnswers(connection, () => Tables(connection), SqliteCheck.Integrity, MostFindings);
        var messages = answers.Read();
        var damage = messages.Where(message => !message.IsOfRule).Select(message => message.Text).Concat(answers.Unread.Select(table => $"{table.Table}: {table.Why}"));
        return new ContentCheck([.. damage.Take(MostFindings)], messages.Find(message => message.IsOfRule)?.Text, Left(answers));
    }

    /// <summary>What could not be checked, and why; null: nothing.</summary>
    private static string? Left(CheckAnswers answers)
    {
        var left = answers.Unchecked.Select(table => (table.Table, Why: ApplicationParts.Lacking(table.Why) ?? table.Why.Message.TrimEnd('.')))
            .Concat(answers.Cut.Select(table => (Table: table, Why: $"more than {CheckAnswers.MostOfTable} faults"))).ToList();
        return left.Count == 0 ? null
            : left[0].Table == CheckAnswers.Whole ? left[0].Why
            : $"of all tables but {NamesOf([.. left.Select(table => $"{table.Table} ({table.Why})")])} the pages, rows and indexes were checked";
    }

    private static string NamesOf(List<string> tables) =>
        string.Join(", ", tables.Take(MostNamed)) + (tables.Count > MostNamed ? $" and {tables.Count - MostNamed} more" : string.Empty);

    /// <summary>The rows of each ordinary table.</summary>
    public static SortedDictionary<string, long> Count(SqliteConnection connection) =>
        new(Tables(connection).ToDictionary(name => name, name => Count(connection, name), StringComparer.Ordinal), StringComparer.Ordinal);

    private static List<string> Tables(SqliteConnection connection)
    {
        var names = new List<string>();
        using var command = connection.Prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%'");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static long Count(SqliteConnection connection, string table)
    {
        var standIns = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        try
        {
            while (true)
            {
                try
                {
                    using var command = connection.Prepare($"SELECT count(*) FROM {SqlName.Quote(table)}");
                    return (long)command.ExecuteScalar()!;
                }
                catch (SqliteException failure) when (ApplicationParts.Collation(failure) is { } collation && standIns.Add(collation))
                {
                    // Counting opens an index and compares nothing: any order will do.
                    connection.CreateCollation(collation, string.CompareOrdinal);
                }
            }
        }
        finally
        {
            // What is asked next may compare.
            foreach (var collation in standIns)
            {
                connection.CreateCollation(collation, null);
            }
        }
    }

    /// <summary>One number that a PRAGMA answers.</summary>
    public static long Number(SqliteConnection connection, string pragma)
    {
        using var command = connection.Prepare($"PRAGMA {pragma}");
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>How many rows refer to a row that is not there, and of how many tables only the application can tell.</summary>
    public static (int Orphans, int Unchecked) CountOrphans(SqliteConnection connection)
    {
        var (orphans, notChecked) = (0, 0);
        foreach (var table in Tables(connection))
        {
            try
            {
                using var command = connection.Prepare($"PRAGMA foreign_key_check({SqlName.Quote(table)})");
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    orphans++;
                }
            }
            catch (SqliteException failure) when (ApplicationParts.Lacking(failure) is not null)
            {
                notChecked++;
            }
        }

        return (orphans, notChecked);
    }

    /// <summary>Runs work on a thread that gives way to the application's; cancelling interrupts what SQLite is at.</summary>
    public static async Task<T> RunAsync<T>(SqliteConnection connection, Func<T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var cancel = cancellationToken.Register(() => raw.sqlite3_interrupt(connection.Handle));
        return await QuietThread.RunAsync(() => BusyWait.Run(work, cancellationToken)).ConfigureAwait(false);
    }
}
