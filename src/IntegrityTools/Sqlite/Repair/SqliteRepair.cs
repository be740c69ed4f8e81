using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Backups;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Sqlite.Schema;
using IntegrityTools.Sqlite.Summaries;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Repairs a database in place: rows in one transaction a batch, each under its precondition; the rest one by one.</summary>
internal sealed class SqliteRepair(string path, RepairContext context) : IStoreRepair
{
    private const string StaleMessage = "What it is about was changed since the plan was made: it is left alone. Scan again and make a new plan for it.";

    /// <summary>What is told of an operation that a run which goes on finds done.</summary>
    public const string DoneMessage = "It stood as planned when the run went on: an earlier part of the run did that, or somebody else; which of them nothing tells.";

    /// <summary>What is told of an operation whose precondition holds no longer.</summary>
    public static string Stale(RepairOperation operation) => operation.Action switch
    {
        RestoreRowAction restore => LeftAlone(restore.BackupPath),
        RestoreSchemaAction restore => LeftAlone(restore.BackupPath),
        _ => StaleMessage,
    };

    private readonly RowRepair rows = new(context);
    private readonly FileRestoration whole = new(path, context);
    private SqliteConnection? connection;
    private bool looked;
    private string? danger;
    private string? logSavedIn;

    private SummaryRepair Summaries => new(Connection, context);

    /// <inheritdoc/>
    public int BatchSize => 500;

    /// <inheritdoc/>
    public bool AllOrNothing => false;

    private SqliteConnection Connection => connection ??= SqliteWriter.Open(path, alone: false);

    /// <inheritdoc/>
    public Task<BackupRecord> SaveAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken) =>
        FileRestoration.Does(operations)
            ? whole.SaveAsync(operations[0], cancellationToken)
            : Task.Run(() => BusyWait.Run(() => Save(operations, cancellationToken), cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RepairResult>> ApplyAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken) =>
        FileRestoration.Does(operations)
            ? [await whole.ApplyAsync(operations[0], cancellationToken).ConfigureAwait(false)]
            : await Task.Run(() => BusyWait.Run(() => Apply(operations, cancellationToken), cancellationToken), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<WrittenFile?> CompleteAsync(CancellationToken cancellationToken) => Task.FromResult<WrittenFile?>(null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        connection?.Dispose();
        whole.Dispose();
        rows.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Looks at the pages, once, where rows or indexes are to be written.</summary>
    private void LookForDanger(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        if (!looked && operations.Any(WritesPages))
        {
            (danger, looked) = (PageDanger.Of(path, cancellationToken), true);
        }
    }

    private BackupRecord Save(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        try
        {
            LookForDanger(operations, cancellationToken);
            if (operations.Any(OpensToWrite) && DatabaseFiles.Find(path) is { HasKnownWal: false } files)
            {
                if (LogChecks.Doubt(files, cancellationToken) is { } doubt)
                {
                    throw new IntegrityException(
                        ErrorIds.InvalidState, $"Nothing was repaired: {doubt} Whoever opens the database to write puts it into the file for good.", path,
                        "Look at copies of both files with their own application; where the log is the database's, let the application open it, then scan and plan again.");
                }

                // The last connection that is closed writes the log into the file. Where others hold it open, they have read this log with it.
                _ = Alone(_ => logSavedIn = CheckpointRepair.Save(files, context, cancellationToken));
            }

            if (operations.Any(operation => operation.Precondition is SchemaPrecondition))
            {
                Summaries.Hold();
            }

            return RowBackup.Save(context.BackupPath, () => Connection, operations, cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw WriteRefusal.From(exception, path);
        }
    }

    private IReadOnlyList<RepairResult> Apply(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        var results = new RepairResult[operations.Count];
        var watch = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            LookForDanger(operations, cancellationToken);
            for (var start = 0; start < operations.Count;)
            {
                if (WritesPages(operations[start]) && danger is { } why)
                {
                    results[start] = RepairResult.Of(context.ExecutionId, operations[start], OperationOutcome.Failed, why);
                    start++;
                    continue;
                }

                var end = start;
                while (end < operations.Count && operations[end].Action is ChangeRowAction or RestoreRowAction or CopyRowAction or SetRowAction)
                {
                    end++;
                }

                if (start == end && operations[start].Precondition is SchemaPrecondition)
                {
                    results[start] = Summaries.Apply(operations[start]);
                    start++;
                    continue;
                }

                if (connection is not null)
                {
                    Summaries.Release();
                }

                if (end > start)
                {
                    var (first, last) = (start, end);
                    Connection.InTransaction(() =>
                    {
                        var state = new SqliteState(Connection);
                        for (var index = first; index < last; index++)
                        {
                            results[index] = rows.Apply(Connection, state, operations[index]);
                        }
                    });
                    start = end;
                }
                else
                {
                    results[start] = operations[start].Action switch
                    {
                        CheckpointAction => WriteBack(operations[start], cancellationToken),
                        SalvageAction salvage => SalvageRepair.Run(path, operations[start], salvage, context, cancellationToken),
                        RemoveFileAction remove => SalvageRepair.Remove(operations[start], remove, context, cancellationToken),
                        _ => ChangeWhole(operations[start]),
                    };
                    start++;
                }
            }
        }
        catch (SqliteException exception)
        {
            throw WriteRefusal.From(exception, path);
        }

        if (logSavedIn is { } saved && results[0] is { Outcome: OperationOutcome.Applied } told && operations[0].Action is not CheckpointAction)
        {
            results[0] = told with { Message = $"{told.Message} The -wal is in the file now, too: both as they stood before are in '{saved}'.".TrimStart() };
            logSavedIn = null;
        }

        var share = watch.Elapsed.TotalMilliseconds / Math.Max(1, operations.Count);
        return [.. results.Select(result => result with { DurationMs = share })];
    }

    /// <summary>True for what writes rows or indexes: a checkpoint or a setting takes no page for something new.</summary>
    public static bool WritesPages(RepairOperation operation) => operation.Precondition is RowPrecondition or SchemaPrecondition || operation.Action is ReindexAction;

    // A checkpoint saves for itself.
    private static bool OpensToWrite(RepairOperation operation) => operation.Precondition is not FilePrecondition && operation.Action is not CheckpointAction;

    private RepairResult WriteBack(RepairOperation operation, CancellationToken cancellationToken)
    {
        var files = DatabaseFiles.Find(path);
        if (!files.HasWal)
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.AlreadyApplied, "There is no -wal, or it is empty.", null);
        }

        RepairResult? result = null;
        return Alone(writer => result = CheckpointRepair.Run(writer, files, operation, context, cancellationToken)) ? result!
            : RepairResult.Of(
                context.ExecutionId, operation, OperationOutcome.Failed,
                "Another process has the database open, beside which the file and the -wal cannot be saved as they stand. Close that process and resume the execution, or let 'integrity optimize' "
                + "(Optimize-IntegrityStore) move what can be moved beside it.", null);
    }

    private RepairResult ChangeWhole(RepairOperation operation)
    {
        if (operation.Action is SetPragmaAction set && context.Resuming && new SqliteState(Connection).Setting(set.Name) == set.Value)
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.AlreadyApplied, null, new SettingPrecondition(set.Name, set.Value));
        }

        if (!new SqliteState(Connection).Holds(operation.Precondition))
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, Stale(operation), null);
        }

        try
        {
            var failure = operation.Action switch
            {
                ReindexAction reindex => IndexRepair.Reindex(Connection, reindex.Index),
                SetPragmaAction pragma => SetPragma(pragma),
                _ => "This program does not know what to do for it: it was planned by a newer version.",
            };
            return failure is not null ? RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Failed, failure, null)
                : RepairResult.Of(
                    context.ExecutionId,
                    operation,
                    OperationOutcome.Applied,
                    null,
                    operation.Action is SetPragmaAction changed ? new SettingPrecondition(changed.Name, changed.Value) : operation.Precondition);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_CORRUPT)
        {
            return RepairResult.Of(
                context.ExecutionId,
                operation,
                OperationOutcome.Failed,
                $"SQLite broke off: {exception.Message.TrimEnd('.')}. Scan the database, and salvage it into a new one where it is damaged.",
                null);
        }
    }

    /// <summary>Runs what needs the file to itself; false when another process has it open. A log is left as it is unless the work says otherwise.</summary>
    private bool Alone(Action<SqliteConnection> work)
    {
        connection?.LeaveLogOnClose();
        connection?.Dispose();
        connection = null;
        try
        {
            using var writer = SqliteWriter.Open(path, alone: true);
            writer.LeaveLogOnClose();
            writer.InTransaction(() => { });
            work(writer);
            return true;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            return false;
        }
    }

    private static string LeftAlone(string backup) => $"What stands there is not what the repair left: it is left alone. What was there before the repair is in '{backup}'.";

    private string? SetPragma(SetPragmaAction set)
    {
        string? now = null;
        return !Alone(writer =>
        {
            writer.LeaveLogOnClose(false);
            writer.Run($"PRAGMA {SqliteState.Known(set.Name)} = {SqlName.Quote(set.Value)}");
            now = new SqliteState(writer).Setting(set.Name);
        })
            ? "Another process has the database open, and SQLite does this beside none. Close that process and resume the execution."
            : now == set.Value ? null : $"{set.Name} stayed {now}.";
    }
}
