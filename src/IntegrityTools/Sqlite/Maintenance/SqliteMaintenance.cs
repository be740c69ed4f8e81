using System.Globalization;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Repair;
using IntegrityTools.Sqlite.Schema;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Maintenance;

/// <summary>Gives free pages back, refreshes the planner's statistics, and moves the log into the database: each in short transactions.</summary>
internal sealed class SqliteMaintenance : IMaintenanceProvider
{
    private const int Incremental = 2;

    // So many at a time, that a writer waits no longer than for a commit of its own.
    private const int PagesAtOnce = 256;

    // As SQLite's documentation advises: enough for the planner, and bounded however large a table is.
    private const int AnalysisLimit = 400;

    // It is done again some time later: nobody has to wait for it for long.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public string Kind => "sqlite";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<MaintenanceStep>> RunAsync(BackupTarget target, bool dryRun, bool force, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var files = DatabaseFiles.Find(target.Reference.Address.Path!);
        SqliteWriter.ThrowIfOpeningDestroys(files);
        ThrowIfUnknown(files);
        if (await Task.Run(() => BusyWait.Run(() => PageDanger.Of(files.Path, cancellationToken), cancellationToken), cancellationToken).ConfigureAwait(false) is { } danger)
        {
            throw new IntegrityException(ErrorIds.CheckFailed, danger, files.Path, $"Make a copy that is sound by {CommandWords.Command("integrity salvage", "Restore-IntegrityStore -Salvage")}, and put it in the database's place.");
        }

        if (dryRun)
        {
            return await Task.Run(() => BusyWait.Run(() => Preview(files, cancellationToken), cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        var steps = new List<MaintenanceStep>();
        using (var connection = Open(files))
        {
            if (raw.sqlite3_db_readonly(connection.Handle, "main") != 0)
            {
                throw new IntegrityException(ErrorIds.StoreUnavailable, "The database may not be written.", files.Path, "Give the right to write to the file and its folder.");
            }

            steps.Add(await StepAsync("incremental_vacuum", files.Path, () => Vacuum(connection, cancellationToken), cancellationToken).ConfigureAwait(false));
            steps.Add(await StepAsync("optimize", files.Path, () => Optimize(connection), cancellationToken).ConfigureAwait(false));
        }

        // Last, so that what the others wrote is moved, too; and with none of ours open, which would be another that has the database open.
        steps.Add(await StepAsync("checkpoint", files.Path, () => Checkpoint.Run(files, force), cancellationToken).ConfigureAwait(false));
        Tidy(files);
        return steps;
    }

    /// <summary>
    /// Takes away the -shm and the empty -wal that our connections left, and that would pass for an application's: an ordinary connection does so that nobody else's outlives.
    /// </summary>
    private static void Tidy(DatabaseFiles files)
    {
        try
        {
            if (files.HasShm)
            {
                using var last = SqliteWriter.Open(files, alone: false);
                _ = Number(last, "PRAGMA schema_version");
            }
        }
        catch (SqliteException)
        {
            // Another process has it open by now: they are its own.
        }
    }

    private static List<MaintenanceStep> Preview(DatabaseFiles files, CancellationToken cancellationToken)
    {
        var (free, incremental) = QuietReader.Read(
            files, connection => (Number(connection, "PRAGMA freelist_count"), Number(connection, "PRAGMA auto_vacuum") == Incremental), cancellationToken);
        return
        [
            incremental && free > 0 ? new MaintenanceStep("incremental_vacuum", MaintenanceOutcome.WouldRun, Told($"{Counted.Of(free, "free page")} would be given back.")) : NothingFree(free),
            new MaintenanceStep("optimize", MaintenanceOutcome.WouldRun, "The planner's statistics of tables that have grown or have none would be made anew."),
            files.HasWal
                ? new MaintenanceStep("checkpoint", MaintenanceOutcome.WouldRun, Told($"A -wal of {DatabaseFiles.LengthOf(files.Wal) / 1e6:N1} MB would be moved into the database."))
                : new MaintenanceStep("checkpoint", MaintenanceOutcome.Nothing, "There is no -wal, or it is empty."),
        ];
    }

    private static SqliteConnection Open(DatabaseFiles files)
    {
        try
        {
            var connection = SqliteWriter.Open(files, alone: false);
            BusyWait.Set(connection, Longest);

            // The checkpoint is a step of its own, which tells what it did.
            connection.LeaveLogOnClose();
            return connection;
        }
        catch (SqliteException exception)
        {
            throw WriteRefusal.From(exception, files.Path, "run the command again");
        }
    }

    /// <summary>Maintenance saves nothing before it writes, so that it leaves to a person a log of which no index tells that it was read with this database.</summary>
    private static void ThrowIfUnknown(DatabaseFiles files)
    {
        if (!files.HasKnownWal)
        {
            var path = CommandWords.Argument(files.Path);
            throw new IntegrityException(
                ErrorIds.InvalidState,
                "Nothing was done: no process has left an index of the -wal beside the database, so that it may have been copied there, and whose it is its bytes do not tell for sure.",
                files.Path,
                $"Where it is the database's own, a repair writes it into the file, saves both before, and can be taken back: {CommandWords.Command(
                    $"integrity resolve {path} --type hot_journal --confirm", $"Get-IntegrityIssue {path} -Type hot_journal | New-RepairPlan | Invoke-RepairPlan")}. "
                + "A log that replaces every page of the file, which may be another database's, it leaves to you: look at copies of both files with their own application, which writes it back when it opens them.");
        }
    }

    /// <summary>A step that another process keeps from being done, or that only the application can do, is told, and the next one is tried.</summary>
    private static async Task<MaintenanceStep> StepAsync(string name, string path, Func<MaintenanceStep> step, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => BusyWait.Run(step, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            return new MaintenanceStep(name, MaintenanceOutcome.Left, $"SQLite refused: {exception.Message} Another process is writing: run it again later.");
        }
        catch (SqliteException exception) when (ApplicationParts.Lacking(exception) is { } lacking)
        {
            return new MaintenanceStep(name, MaintenanceOutcome.Left, $"It cannot be done here: {lacking}. Only the application that has it can.");
        }
        catch (SqliteException exception)
        {
            throw WriteRefusal.From(exception, path, "run the command again");
        }
    }

    private static MaintenanceStep Vacuum(SqliteConnection connection, CancellationToken cancellationToken)
    {
        var free = Number(connection, "PRAGMA freelist_count");
        if (free == 0 || Number(connection, "PRAGMA auto_vacuum") != Incremental)
        {
            return NothingFree(free);
        }

        var left = free;
        while (left > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // It frees a page a step: ended early, it has freed one.
            using (var command = connection.Prepare($"PRAGMA incremental_vacuum({PagesAtOnce})"))
            using (var reader = command.ExecuteReader())
            {
                while (reader.Read())
                { }
            }

            var now = Number(connection, "PRAGMA freelist_count");
            if (now >= left)
            {
                break;
            }

            left = now;
        }

        return new MaintenanceStep("incremental_vacuum", left == 0 ? MaintenanceOutcome.Done : MaintenanceOutcome.Left, Told($"{free - left:N0} of {free:N0} free pages were given back."));
    }

    private static MaintenanceStep Optimize(SqliteConnection connection)
    {
        // SQLite looks at tables whose statistics this connection has asked for; so it asks for all of them. An empty one never has any.
        foreach (var (table, column) in IndexedColumns(connection))
        {
            using (var any = new RawStatement(connection, $"SELECT 1 FROM {SqlName.Quote(table)} LIMIT 1", []))
            {
                if (!any.Step())
                {
                    continue;
                }
            }

            using var statement = new RawStatement(connection, $"SELECT 1 FROM {SqlName.Quote(table)} WHERE {SqlName.Quote(column)} = ?1", []);
        }

        var before = Wanted(connection);
        if (before.Count == 0)
        {
            return new MaintenanceStep("optimize", MaintenanceOutcome.Nothing, "The planner's statistics are good enough.");
        }

        connection.Run($"PRAGMA analysis_limit = {AnalysisLimit}");
        connection.Run("PRAGMA optimize");

        // It keeps quiet about a table that it could not do.
        var left = Wanted(connection).Count;
        return left == 0
            ? new MaintenanceStep("optimize", MaintenanceOutcome.Done, Told($"The planner's statistics of {Counted.Of(before.Count, "table")} made anew."))
            : new MaintenanceStep("optimize", MaintenanceOutcome.Left, Told($"The statistics of {left:N0} of {before.Count:N0} tables could not be made anew: another process uses the database. Run it again later."));
    }

    /// <summary>What SQLite would do, had it been asked to: all that it does by default (0xfffe), only told (1). -1 names more than it does since 3.46.</summary>
    private static List<string> Wanted(SqliteConnection connection)
    {
        var statements = new List<string>();
        using var command = connection.Prepare("PRAGMA optimize(0xffff)");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            statements.Add(reader.GetString(0));
        }

        return statements;
    }

    private static List<(string Table, string Column)> IndexedColumns(SqliteConnection connection)
    {
        const string query = """
            SELECT DISTINCT m.tbl_name, i.name FROM main.sqlite_master AS m, pragma_index_info(m.name) AS i
            WHERE m.type = 'index' AND i.seqno = 0 AND i.name IS NOT NULL AND m.tbl_name NOT LIKE 'sqlite\_%' ESCAPE '\'
            """;
        var columns = new List<(string, string)>();
        using var command = connection.Prepare(query);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            columns.Add((reader.GetString(0), reader.GetString(1)));
        }

        return columns;
    }

    private static MaintenanceStep NothingFree(long free) => new(
        "incremental_vacuum",
        MaintenanceOutcome.Nothing,
        free == 0 ? "There are no free pages." : Told($"The database's auto_vacuum is not incremental: {Counted.Of(free, "free page")} stay in the file, and are used again."));

    private static long Number(SqliteConnection connection, string query)
    {
        using var command = connection.Prepare(query);
        return (long)command.ExecuteScalar()!;
    }

    private static string Told(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
