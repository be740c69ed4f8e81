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
            if (context.Resuming && IsDone(operation.Action!, schema))
            {
                return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.AlreadyApplied, null, schema.Precondition);
            }

            using var saved = new SavedRows(context.BackupPath);
            if (schema.Precondition != before || (!heldSinceSaved && !saved.HasAllOf(connection, schema.Table)))
            {
                return RepairResult.Of(context.ExecutionId, operation, OperationOutcome.Stale, SqliteRepair.StaleMessage, null);
            }

            var failure = operation.Action switch
            {
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

    private bool IsDone(RepairAction action, SummarySchema schema) => action switch
    {
        InstallSummaryAction install => new SummaryInstaller(connection, install.Definition, install.RedefineView).IsInstalled,
        RestoreSchemaAction restore => Wanted(restore).SequenceEqual(schema.Objects.Select(Described)),
        _ => false,
    };

    private static IEnumerable<string> Wanted(RestoreSchemaAction restore)
    {
        using var saved = new SavedRows(restore.BackupPath);
        return [.. saved.Objects.Select(Described)];
    }

    private static string Described(SchemaObject item) => $"{item.Type}\0{item.Name}\0{item.Sql}";

    private string? Restore(RestoreSchemaAction restore, SummarySchema schema)
    {
        using var saved = new SavedRows(restore.BackupPath);
        var wanted = saved.Objects.Select(Described).ToHashSet(StringComparer.Ordinal);
        var standing = schema.Objects.Where(item => !IsOfTable(item) && wanted.Contains(Described(item))).Select(Described).ToHashSet(StringComparer.Ordinal);
        if (saved.Objects.Any(item => IsEventTable(item) && !standing.Contains(Described(item))))
        {
            return "The event table was changed since: undo that first.";
        }

        SummaryObjects.Drop(connection, schema.Objects.Where(item => !standing.Contains(Described(item))));
        var missing = saved.Objects.Where(item => !standing.Contains(Described(item))).ToList();
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
