using IntegrityTools.Model;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Summaries;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Inverts applied operations: rows come back from the saved state.</summary>
internal sealed class SqliteUndo(string path, UndoSource source, CancellationToken cancellationToken) : IDisposable
{
    private QuietReader? reader;
    private SqliteState? state;

    private SqliteConnection Connection => (reader ??= QuietReader.ForRows(path, cancellationToken)).Connection;

    private SqliteState State => state ??= new SqliteState(Connection);

    /// <summary>The inverse; null for an operation that was cut off before it wrote anything.</summary>
    public RepairOperation? Invert(AppliedOperation applied)
    {
        var operation = applied.Operation;
        if (applied.Result is null && operation.Precondition is not FilePrecondition && State.Holds(operation.Precondition))
        {
            return null;
        }

        var inverse = operation with
        {
            Number = 0,
            Risk = Risk.Low,
            Strategy = Strategy.Manual,
            OldValue = operation.NewValue,
            NewValue = operation.OldValue,
            Changes = [.. operation.Changes.Select(change => change with { Old = change.New, New = change.Old, Source = null })],
        };
        if (operation.Action is SalvageAction salvage)
        {
            return SalvageRepair.Invert(inverse, salvage, applied.Result);
        }

        return (operation.Action, operation.Precondition) switch
        {
            (ChangeRowAction change, RowPrecondition { Sha256: { } before }) => Restore(inverse, change.Table, change.Key, before, change.ResultSha256),
            (SetRowAction set, RowPrecondition { Sha256: { } before }) => Restore(inverse, set.Table, set.Key, before, set.ResultSha256),
            (SetRowAction set, _) => DeleteAgain(inverse, new RowPrecondition(set.Table, set.Key, set.ResultSha256)),
            (InstallSummaryAction or RestoreSchemaAction, SchemaPrecondition before) => RestoreSchema(inverse, before, applied.Result),
            (RestoreRowAction restored, RowPrecondition { Sha256: { } before }) => Restore(inverse, restored.Table, restored.Key, before, restored.ResultSha256),
            (RestoreRowAction restored, _) => DeleteAgain(inverse, new RowPrecondition(restored.Table, restored.Key, restored.ResultSha256)),
            (CopyRowAction copied, _) => DeleteAgain(inverse, new RowPrecondition(copied.Table, copied.Key, copied.ResultSha256)),
            (SetPragmaAction set, SettingPrecondition before) => inverse with
            {
                Risk = Risk.Medium,
                Reason = $"{set.Name} becomes {before.Value} again.",
                Precondition = new SettingPrecondition(set.Name, set.Value),
                Action = new SetPragmaAction(set.Name, before.Value),
            },
            _ => inverse with
            {
                Type = OperationTypes.Review,
                Reason = "It changed no value of any row: there is nothing to give back.",
                NeedsReview = true,
                Action = null,
            },
        };
    }

    /// <inheritdoc/>
    public void Dispose() => reader?.Dispose();

    private static RepairOperation DeleteAgain(RepairOperation inverse, RowPrecondition now) => inverse with
    {
        Type = OperationTypes.DeleteOrphans,
        Risk = Risk.High,
        Reason = "The row is deleted again.",
        Precondition = now,
        Action = new ChangeRowAction(now.Table, now.Key, [], null),
    };

    private RepairOperation RestoreSchema(RepairOperation inverse, SchemaPrecondition before, RepairResult? result) => inverse with
    {
        Type = OperationTypes.RestoreSchema,
        Risk = Risk.High,
        Reason = $"The table {before.Table}, its indexes and triggers and the view become what they were, rows included; what they have taken from events since is in the backup of this undo.",
        Precondition = result?.After ?? SummarySchema.Read(Connection, before.EventTable, before.Table, before.View).Precondition,
        Action = new RestoreSchemaAction(before.EventTable, before.Table, before.View, source.Backup.Path),
    };

    private RepairOperation Restore(RepairOperation inverse, string table, RawJson key, string before, string? now) => inverse with
    {
        Type = OperationTypes.RestoreRow,
        Reason = "The row becomes what it was, from the saved state.",
        Precondition = new RowPrecondition(table, key, now),
        Action = new RestoreRowAction(table, key, before, source.Backup.Path),
    };
}
