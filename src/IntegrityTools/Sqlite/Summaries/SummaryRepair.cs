using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Repair;
using IntegrityTools.Sqlite.Schema;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>
/// Makes summaries, and gives back what was there before. The transaction begins before the old rows are saved and ends when the new ones stand: no event comes in
/// between that the saved rows would lack.
/// </summary>
internal sealed class SummaryRepair(SqliteConnection connection, RepairContext context)
{
    /// <summary>Begins the transaction, so that what is saved next stays as it is.</summary>
    public void Hold() => connection.Run("BEGIN IMMEDIATE");

    /// <summary>Gives the database back to others, with nothing written.</summary>
    public void Release()
    {
        if (IsHeld)
        {
            connection.Run("ROLLBACK");
        }
    }

    /// <summary>
    /// True when what stands there is exactly what the operation makes of what was saved. Of one that was cut off nothing else tells whether it was done, and what others
    /// have made meanwhile is not its work.
    /// </summary>
    /// <param name="connection">The database.</param>
    /// <param name="action">What the operation does.</param>
    /// <param name="before">What it was planned for.</param>
    /// <param name="saved">What its execution saved.</param>
    public static bool IsDone(SqliteConnection connection, RepairAction action, SchemaPrecondition before, SavedRows saved)
    {
        if (action is InstallSummaryAction install)
        {
            return SummaryGuard.Admits(install.Definition) && new SummaryInstaller(connection, install.Definition, install.RedefineView).HasMade(SummarySchema.Saved(saved.Objects, before));
        }

        if (action is not RestoreSchemaAction restore)
        {
            return false;
        }

        using var wanted = new SavedRows(restore.BackupPath);
        return SummarySchema.Read(connection, before.EventTable, before.Table, before.View).IsSameAs(SummarySchema.Saved(wanted.Objects, before));
    }

    /// <summary>Applies one operation, whole or not at all.</summary>
    public RepairResult Apply(RepairOperation operation)
    {
        var heldSinceSaved = IsHeld;
        if (!heldSinceSaved)
        {
            Hold();
        }

        try
        {
            var before = (SchemaPrecondition)operation.Precondition;
            var schema = SummarySchema.Read(connection, before.EventTable, before.Table, before.View);
            using var saved = new SavedRows(context.BackupPath);
            if (context.Resuming && IsDone(connection, operation.Action!, before, saved))
            {
                return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.AlreadyApplied, SqliteRepair.DoneMessage, schema.Precondition);
            }

            if (schema.Precondition != before || (!heldSinceSaved && (!schema.IsSameAs(SummarySchema.Saved(saved.Objects, before)) || !saved.HasAllOf(connection, schema.Table))))
            {
                return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, SqliteRepair.Stale(operation), null);
            }

            var failure = operation.Action switch
            {
                InstallSummaryAction install when !SummaryGuard.Admits(install.Definition) =>
                    "The plan's definition lacks a part, or has a type that is none: its words do not go into SQL. Make the plan anew from the definition's own file.",
                InstallSummaryAction install => new SummaryInstaller(connection, install.Definition, install.RedefineView).Install(),
                RestoreSchemaAction restore => Restore(restore, schema),
                _ => "It makes no summary.",
            };
            if (failure is not null)
            {
                return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Failed, failure, null);
            }

            var after = SummarySchema.Read(connection, before.EventTable, before.Table, before.View).Precondition;
            connection.Run("COMMIT");
            return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Applied, null, after);
        }
        finally
        {
            Release();
        }
    }

    private bool IsHeld => raw.sqlite3_get_autocommit(connection.Handle) == 0;

    private string? Restore(RestoreSchemaAction restore, SummarySchema schema)
    {
        using var saved = new SavedRows(restore.BackupPath);
        var old = SummarySchema.Saved(saved.Objects, schema.Precondition).Objects;
        var wanted = old.Select(SummarySchema.Described).ToHashSet(StringComparer.Ordinal);
        var standing = schema.Objects.Where(item => !IsOfTable(item) && wanted.Contains(SummarySchema.Described(item))).Select(SummarySchema.Described).ToHashSet(StringComparer.Ordinal);
        if (old.Any(item => IsEventTable(item) && !standing.Contains(SummarySchema.Described(item))))
        {
            return "The event table was changed since: undo that first.";
        }

        SummaryObjects.Drop(connection, schema.Objects.Where(item => !standing.Contains(SummarySchema.Described(item))));
        var missing = old.Where(item => !standing.Contains(SummarySchema.Described(item))).ToList();
        SummaryObjects.Create(connection, missing.Where(item => item.Type == "table"));
        var rows = new RowAccess(connection);
        foreach (var (key, image) in saved.All(restore.Table))
        {
            rows.Restore(restore.Table, key, image);
        }

        SummaryObjects.Create(connection, missing.Where(item => item.Type != "table"));
        return null;

        bool IsOfTable(SchemaObject item) => item.Table.Equals(restore.Table, StringComparison.OrdinalIgnoreCase);
        bool IsEventTable(SchemaObject item) => item.Type == "table" && item.Name.Equals(restore.EventTable, StringComparison.OrdinalIgnoreCase);
    }
}
