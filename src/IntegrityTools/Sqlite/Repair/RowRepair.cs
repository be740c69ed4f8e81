using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Changes rows in the transaction that is open: each only while it is as planned, and as it was saved.</summary>
internal sealed class RowRepair(RepairContext context) : IDisposable
{
    private const string UnsavedMessage = "What stood there when the state before the repair was saved was something else, so that an undo could not give it back: it is left alone. Scan again and make a new plan for it.";

    private const string LostMessage = "The saved rows do not hold it: their file is not the one of this execution.";
    private const string LostParentMessage = "The backup does not hold it any more as it did when the plan was made.";

    private readonly Dictionary<string, SavedRows> saved = [];

    /// <summary>Applies one operation, or tells why not. A savepoint keeps what fails from the rest.</summary>
    public RepairResult Apply(SqliteConnection connection, SqliteState state, RepairOperation operation)
    {
        connection.Run("SAVEPOINT operation");
        RepairResult result;
        try
        {
            result = Try(state, operation);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_ERROR or raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH or raw.SQLITE_TOOBIG)
        {
            // What the schema is, and what of it only the application has, is about this row and not about the others.
            result = Failed(operation, $"The schema refuses it: {exception.Message.TrimEnd('.')}. Change the row by hand, with the application's own program where only that can.");
        }

        if (result.Outcome != OperationOutcome.Applied)
        {
            connection.Run("ROLLBACK TO operation");
        }

        connection.Run("RELEASE operation");
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var rows in saved.Values)
        {
            rows.Dispose();
        }
    }

    /// <summary>True when the saved state gives the row back. Another program may have written it between the plan and the save, and again since.</summary>
    private bool IsSaved(RowPrecondition before) => before.Sha256 is not { } sha256 || Saved(context.BackupPath).Find(before.Table, before.Key, sha256) is not null;

    private SavedRows Saved(string backup)
    {
        if (!saved.TryGetValue(backup, out var rows))
        {
            saved.Add(backup, rows = new SavedRows(backup));
        }

        return rows;
    }

    private RepairResult Try(SqliteState state, RepairOperation operation)
    {
        var before = (RowPrecondition)operation.Precondition;
        var (wanted, given, lost) = operation.Action switch
        {
            ChangeRowAction change => (change.ResultSha256, null, null),
            SetRowAction set => (set.ResultSha256, null, null),
            RestoreRowAction restore => (restore.ResultSha256, Saved(restore.BackupPath).Find(restore.Table, restore.Key, restore.ResultSha256), LostMessage),
            CopyRowAction copy => (copy.ResultSha256, Parent(copy), LostParentMessage),
            _ => ((string?)null, (RowImage?)null, (string?)"It changes no row."),
        };
        if (!state.Holds(before))
        {
            // Only what an earlier part of this execution may have done is taken for its own work.
            return context.Resuming && After() is { } done && IsSaved(before)
                ? RepairResult.Of(context.ExecutionId, operation, OperationOutcome.AlreadyApplied, SqliteRepair.DoneMessage, done)
                : RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, SqliteRepair.Stale(operation), null);
        }

        if (!IsSaved(before))
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, UnsavedMessage, null);
        }

        if (lost is not null && given is null)
        {
            return Failed(operation, lost);
        }

        switch (operation.Action)
        {
            case ChangeRowAction change:
                state.Rows.Change(change);
                break;
            case SetRowAction set:
                state.Rows.Set(set);
                break;
            default:
                state.Rows.Restore(before.Table, before.Key, given!);
                break;
        }

        return After() is { } after
            ? RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Applied, null, after)
            : Failed(operation, "The row is not what it should be after the write; it was taken back. Its table is declared otherwise than it was, or the database is damaged: scan it.");

        // Columns that were added to the table since its row was saved have their defaults, and do not count.
        RowPrecondition? After()
        {
            var now = state.Rows.Read(before.Table, before.Key);
            return (given is null ? now : now?.In(given))?.Sha256 == wanted ? new RowPrecondition(before.Table, before.Key, now?.Sha256) : null;
        }
    }

    private RepairResult Failed(RepairOperation operation, string message) => RepairResult.Of(
        context.ExecutionId, operation, OperationOutcome.Failed, operation.Action is RestoreRowAction restore ? $"{message} What it held is in '{restore.BackupPath}'." : message, null);

    private static RowImage? Parent(CopyRowAction copy)
    {
        using var backup = new ParentRows(copy.SourcePath, CancellationToken.None);
        return backup.Read(copy.Table, copy.Key) is { } parent && parent.Sha256 == copy.ResultSha256 ? parent : null;
    }
}
