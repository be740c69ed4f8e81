using IntegrityTools.Ledger;
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
    public static SqliteConnection Open(string path, SqliteOpenMode mode, int busySeconds = BusySeconds)
    {
        SqliteRuntime.Initialize();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
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

    /// <summary>What PRAGMA integrity_check finds: its first findings of damage. Rows that break a rule of the schema, however many, hide none.</summary>
    public static ContentCheck Check(SqliteConnection connection)
    {
        try
        {
            var (damage, rule, rules) = Ask(connection, $"integrity_check({MostFindings})");
            if (damage.Count == 0 && rules >= MostFindings)
            {
                // SQLite holds what it finds of pages in memory until all are looked at, so it is asked for few. It looks at them first: they are sound
                // here, and what it finds in rows it tells one at a time.
                (damage, rule, _) = Ask(connection, $"integrity_check({int.MaxValue})");
            }

            return new ContentCheck(damage, rule, null);
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            return new ContentCheck([failure.Message], null, null);
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode == raw.SQLITE_ERROR)
        {
            return CheckTables(connection, failure.Message);
        }
    }

    /// <summary>Checks each table by itself, where what one of them needs keeps SQLite from checking them all at once.</summary>
    private static ContentCheck CheckTables(SqliteConnection connection, string why)
    {
        var (damage, rule, left) = (new List<string>(), (string?)null, new List<string>());
        foreach (var table in SqliteRuntime.ChecksTables ? Tables(connection) : [])
        {
            try
            {
                var found = Ask(connection, $"integrity_check({SqlName.Quote(table)})");
                damage.AddRange(found.Damage);
                rule ??= found.Rule;
            }
            catch (SqliteException failure) when (failure.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
            {
                damage.Add($"{table}: {failure.Message}");
            }
            catch (SqliteException failure) when (failure.SqliteErrorCode == raw.SQLITE_ERROR)
            {
                left.Add($"{table} ({ApplicationParts.Lacking(failure) ?? failure.Message.TrimEnd('.')})");
            }
        }

        return new ContentCheck(damage, rule, left.Count == 0 ? why : $"of all tables but {NamesOf(left)} the pages, rows and indexes were checked");
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

    private static (List<string> Damage, string? Rule, int Rules) Ask(SqliteConnection connection, string check)
    {
        using var command = connection.Prepare("PRAGMA " + check);
        using var reader = command.ExecuteReader();
        var damage = new List<string>();
        string? rule = null;
        var rules = 0;
        while (damage.Count < MostFindings && reader.Read())
        {
            foreach (var message in CheckMessage.ParseAll(reader.GetString(0)))
            {
                if (message.IsOfRule)
                {
                    rule ??= message.Text;
                    rules++;
                }
                else
                {
                    damage.Add(message.Text);
                }
            }
        }

        return (damage, rule, rules);
    }
}
