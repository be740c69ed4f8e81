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

    private readonly Dictionary<string, SavedRows> saved = [];

    /// <summary>Applies one operation, or tells why not. A savepoint keeps what fails from the rest.</summary>
    public RepairResult Apply(SqliteConnection connection, SqliteState state, RepairOperation operation)
    {
        var before = (RowPrecondition)operation.Precondition;
        var wanted = operation.Action switch
        {
            ChangeRowAction change => change.ResultSha256,
            RestoreRowAction restore => restore.ResultSha256,
            SetRowAction set => set.ResultSha256,
            CopyRowAction copy => copy.ResultSha256,
            _ => null,
        };
        var after = new RowPrecondition(before.Table, before.Key, wanted);
        if (!state.Holds(before))
        {
            // Only what an earlier part of this execution may have done is taken for its own work.
            return context.Resuming && state.Holds(after) && IsSaved(before)
                ? RepairResult.Of(context.ExecutionId, operation, OperationOutcome.AlreadyApplied, SqliteRepair.DoneMessage, after)
                : RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, SqliteRepair.StaleMessage, null);
        }

        if (!IsSaved(before))
        {
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, UnsavedMessage, null);
        }

        connection.Run("SAVEPOINT operation");
        string? failure = null;
        try
        {
            failure = Write(state, operation);
            if (failure is null && !state.Holds(after))
            {
                failure = "The row is not what it should be after the write; it was taken back. Scan the database for damage.";
            }
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_CONSTRAINT)
        {
            failure = $"The schema refuses it: {exception.Message.TrimEnd('.')}. Change the row by hand.";
        }

        if (failure is not null)
        {
            connection.Run("ROLLBACK TO operation");
        }

        connection.Run("RELEASE operation");
        return failure is null
            ? RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Applied, null, after)
            : RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Failed, failure, null);
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

    private string? Write(SqliteState state, RepairOperation operation)
    {
        switch (operation.Action)
        {
            case ChangeRowAction change:
                state.Rows.Change(change);
                return null;
            case SetRowAction set:
                state.Rows.Set(set);
                return null;
            case RestoreRowAction restore:
                if (Saved(restore.BackupPath).Find(restore.Table, restore.Key, restore.ResultSha256) is not { } image)
                {
                    return "The saved rows do not hold it: their file is not the one of this execution.";
                }

                state.Rows.Restore(restore.Table, restore.Key, image);
                return null;
            case CopyRowAction copy:
                using (var backup = new ParentRows(copy.SourcePath, CancellationToken.None))
                {
                    if (backup.Read(copy.Table, copy.Key) is not { } parent || parent.Sha256 != copy.ResultSha256)
                    {
                        return "The backup does not hold it any more as it did when the plan was made.";
                    }

                    state.Rows.Restore(copy.Table, copy.Key, parent);
                }

                return null;
            default:
                return "It changes no row.";
        }
    }
}
