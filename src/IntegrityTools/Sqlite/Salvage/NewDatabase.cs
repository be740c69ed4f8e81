using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// The database that a salvage writes: under a temporary name until it is whole, values bound as the bytes that were read. Without a journal,
/// since nobody needs a half-written one; it is flushed before it gets its name.
/// </summary>
internal sealed class NewDatabase : IDisposable
{
    private const int RowsATransaction = 20_000;

    private readonly string path;
    private readonly string temporary;
    private readonly SqliteConnection connection;
    private readonly TextEncoding encoding;
    private readonly Dictionary<(TableShape Table, int Fields), RowInsert> inserts = [];
    private readonly Dictionary<SideTable, SideRows> sides = [];
    private readonly HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<SchemaEntry> own = [];
    private readonly SchemaDialect dialect;
    private int rows;

    public NewDatabase(string path, TextEncoding encoding, int pageSize)
    {
        (this.path, this.encoding) = (path, encoding);
        temporary = TemporaryFiles.NameFor(path);
        SqliteRuntime.Initialize();
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = temporary, Pooling = false }.ToString());
        dialect = new SchemaDialect(connection);
        try
        {
            PrivateFile.Make(temporary);
            connection.Open();
            connection.TakeQuotedText();
            var code = encoding switch { TextEncoding.Utf16Le => "UTF-16le", TextEncoding.Utf16Be => "UTF-16be", _ => "UTF-8" };
            Run($"PRAGMA encoding='{code}'; PRAGMA page_size={pageSize}; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16000;"
                + " PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON; PRAGMA trusted_schema=OFF; BEGIN");
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection.Dispose();
            File.Delete(temporary);
            throw new IntegrityException(ErrorIds.OperationFailed, $"The new database cannot be written: {failure.Message}", path, "Name a file in a folder with room that this account may write to.", failure);
        }
    }

    /// <summary>Rows in each side table.</summary>
    public long CountOf(SideTable side) => sides.TryGetValue(side, out var table) ? table.Count : 0;

    /// <summary>What of the tables' definitions this library does not know.</summary>
    public SchemaDialect Dialect => dialect;

    /// <summary>The tables that are STRICT, which this library does not know: they get their own definitions at the end.</summary>
    public IEnumerable<string> Strict => own.Select(entry => entry.Name);

    /// <summary>Makes something of the schema; null when it could be made, else why not.</summary>
    public string? Create(SchemaEntry entry)
    {
        taken.Add(entry.Name);
        return Tried(() =>
        {
            if (entry is not { Type: "table", IsVirtual: false })
            {
                Run(entry.Sql!);
            }
            else if (dialect.Create(entry.Sql!) != entry.Sql)
            {
                own.Add(entry);
            }
        });
    }

    /// <summary>Runs a statement; null when it could be done, else why not.</summary>
    public string? TryRun(string sql) => Tried(() => Run(sql));

    /// <summary>Inserts a row with its own key; null when that was possible, else why not.</summary>
    public string? Insert(TableShape table, long rowId, RecordLayout layout, ReadOnlySpan<byte> record)
    {
        if (!inserts.TryGetValue((table, layout.Count), out var insert))
        {
            insert = Prepare(table, layout.Count);
            inserts.Add((table, layout.Count), insert);
        }

        var result = insert.Run(rowId, layout, record, table);
        var why = result == raw.SQLITE_DONE ? null : raw.sqlite3_errmsg(connection.Handle).utf8_to_string();
        if ((result & 0xff) is raw.SQLITE_FULL or raw.SQLITE_IOERR)
        {
            throw Failed(why!, null);
        }

        Step();
        return why;
    }

    /// <summary>Keeps a row apart.</summary>
    /// <param name="side">Where.</param>
    /// <param name="place">Page, cell, table and reason.</param>
    /// <param name="layout">Where its values lie; null: the bytes are kept as one blob.</param>
    /// <param name="record">Its bytes.</param>
    public void Keep(SideTable side, in RowPlace place, RecordLayout? layout, ReadOnlySpan<byte> record)
    {
        try
        {
            SideOf(side).Insert(place, layout, record);
        }
        catch (SqliteException failure)
        {
            throw Failed(failure.Message, failure);
        }

        Step();
    }

    /// <summary>Removes deleted rows of a table that are copies of live ones (pages are copied whenever a tree is balanced), and marks those whose key is live.</summary>
    public void RemoveCopies(TableShape table)
    {
        if (sides.TryGetValue(SideTable.DeletedRows, out var rows))
        {
            Write(() => rows.RemoveCopies(table));
        }
    }

    /// <summary>The highest key of each table with AUTOINCREMENT, as sqlite_sequence has it now.</summary>
    public IReadOnlyList<(string Table, long Last)> Sequence()
    {
        var found = new List<(string, long)>();
        Write(() =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT name, seq FROM sqlite_sequence WHERE typeof(name) = 'text' AND typeof(seq) = 'integer'";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                found.Add((reader.GetString(0), reader.GetInt64(1)));
            }
        });
        return found;
    }

    /// <summary>Notes the highest key of a table with AUTOINCREMENT.</summary>
    public void Count(string table, long last) => Write(() =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO sqlite_sequence(name, seq) VALUES($table, $last)";
        command.Parameters.AddWithValue("$table", table);
        command.Parameters.AddWithValue("$last", last);
        command.ExecuteNonQuery();
    });

    /// <summary>Ends the rows: from now on statements are whole by themselves.</summary>
    public void EndRows() => Write(() => Run("COMMIT; BEGIN"));

    /// <summary>Flushes the database and gives it its name.</summary>
    public void Finish(bool overwrite)
    {
        foreach (var insert in inserts.Values)
        {
            insert.Dispose();
        }

        foreach (var side in sides.Values)
        {
            side.Dispose();
        }

        inserts.Clear();
        sides.Clear();
        Write(() =>
        {
            Restate();
            Run("COMMIT");
            connection.Close();
            using (var handle = File.OpenHandle(temporary, FileMode.Open, FileAccess.ReadWrite))
            {
                FileSync.Flush(handle);
            }

            File.Move(temporary, path, overwrite);
            FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var insert in inserts.Values)
        {
            insert.Dispose();
        }

        foreach (var side in sides.Values)
        {
            side.Dispose();
        }

        connection.Dispose();
        File.Delete(temporary);
    }

    private SideRows SideOf(SideTable side)
    {
        if (!sides.TryGetValue(side, out var table))
        {
            var code = Codes.Of(side);
            var name = code;
            for (var number = 2; !taken.Add(name); number++)
            {
                name = $"{code}_{number}";
            }

            table = new SideRows(connection.Handle!, name, encoding);
            sides.Add(side, table);
        }

        return table;
    }

    // What reads the new file has to know STRICT, as what wrote the old one did; this library would not open it any more.
    private void Restate()
    {
        foreach (var entry in own)
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = $sql WHERE type = 'table' AND name = $name";
            command.Parameters.AddWithValue("$sql", entry.Sql);
            command.Parameters.AddWithValue("$name", entry.Name);
            command.ExecuteNonQuery();
        }
    }

    private string? Tried(Action work)
    {
        try
        {
            work();
            return null;
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is not (raw.SQLITE_FULL or raw.SQLITE_IOERR))
        {
            return ShapeReader.Reason(failure);
        }
        catch (SqliteException failure)
        {
            throw Failed(failure.Message, failure);
        }
    }

    private RowInsert Prepare(TableShape table, int fields)
    {
        try
        {
            return RowInsert.Into(connection.Handle!, table, fields, encoding);
        }
        catch (SqliteException failure)
        {
            throw Failed(failure.Message, failure);
        }
    }

    // Whatever is written may be what fills the disk: a commit most of all, since what was cached goes to the file then.
    private void Write(Action work)
    {
        try
        {
            work();
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw Failed(failure.Message, failure);
        }
    }

    private void Step()
    {
        if (++rows % RowsATransaction == 0)
        {
            EndRows();
        }
    }

    private void Run(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private IntegrityException Failed(string why, Exception? cause) => new(
        ErrorIds.OperationFailed, $"The new database cannot be written: {why.TrimEnd('.')}.", path, "Make room, or name another place; the damaged file is as it was.", cause);
}
