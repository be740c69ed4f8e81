using IntegrityTools.Model;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Summaries;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Inverts applied operations: rows come back from the saved state.</summary>
internal sealed class SqliteUndo(string path, UndoSource source, IReadOnlyList<AppliedOperation> applied, CancellationToken cancellationToken) : IDisposable
{
    private QuietReader? reader;
    private SqliteState? state;
    private SavedRows? saved;
    private bool? committed;

    private SqliteConnection Connection => (reader ??= QuietReader.ForRows(path, cancellationToken)).Connection;

    private SqliteState State => state ??= new SqliteState(Connection);

    private SavedRows Saved => saved ??= new SavedRows(source.Backup.Path);

    /// <summary>
    /// Whether the batch that was cut off had been committed: it is one transaction, so that one row which stands as before tells that none was changed. A single row tells
    /// nothing: somebody else may have done the same to it.
    /// </summary>
    private bool Committed => committed ??= applied.Count(IsCutOff) > 1 && !applied.Any(cut => IsCutOff(cut) && State.Holds(cut.Operation.Precondition));

    /// <summary>The inverse; null for an operation that was cut off before it wrote anything.</summary>
    public RepairOperation? Invert(AppliedOperation done)
    {
        var operation = done.Operation;
        if (done.Result is null && operation.Precondition is not FilePrecondition && State.Holds(operation.Precondition))
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
            return SalvageRepair.Invert(inverse, salvage, done.Result);
        }

        if (IsCutOff(done) && !Committed)
        {
            return Undecided(inverse, "The run was cut off before it told whether it changed this row, and nothing proves that it did and not somebody else: it is left alone. To have it as it was, "
                + $"end the run where it is not over ('integrity repair --resume {source.Execution.Id} --confirm', Resume-RepairExecution) and undo that, or write it by hand: it is in '{source.Backup.Path}'.");
        }

        return (operation.Action, operation.Precondition) switch
        {
            (ChangeRowAction change, RowPrecondition { Sha256: { } before }) => Restore(inverse, before, Left(done, change.Table, change.Key, change.ResultSha256)),
            (SetRowAction set, RowPrecondition { Sha256: { } before }) => Restore(inverse, before, Left(done, set.Table, set.Key, set.ResultSha256)),
            (SetRowAction set, _) => DeleteAgain(inverse, Left(done, set.Table, set.Key, set.ResultSha256)),
            (InstallSummaryAction or RestoreSchemaAction, SchemaPrecondition before) => RestoreSchema(inverse, before, done),
            (RestoreRowAction restored, RowPrecondition { Sha256: { } before }) => Restore(inverse, before, Left(done, restored.Table, restored.Key, restored.ResultSha256)),
            (RestoreRowAction restored, _) => DeleteAgain(inverse, Left(done, restored.Table, restored.Key, restored.ResultSha256)),
            (CopyRowAction copied, _) => DeleteAgain(inverse, Left(done, copied.Table, copied.Key, copied.ResultSha256)),
            (SetPragmaAction set, SettingPrecondition before) => inverse with
            {
                Risk = Risk.Medium,
                Reason = $"{set.Name} becomes {before.Value} again.",
                Precondition = new SettingPrecondition(set.Name, set.Value),
                Action = new SetPragmaAction(set.Name, before.Value),
            },
            (CheckpointAction, _) when CheckpointRepair.SavedBy(done, source) is { Backup.Path: var manifest } => Undecided(
                inverse,
                "Other operations of the execution changed the database, too, so that the file and the -wal come back only as a whole. To have both as they stood before the checkpoint: "
                + $"'integrity restore \"{manifest}\" --to \"{path}\" --overwrite --confirm' (Restore-IntegrityStore -Overwrite)."),
            _ => Undecided(inverse, "It changed no value of any row: there is nothing to give back."),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reader?.Dispose();
        saved?.Dispose();
    }

    private static bool IsCutOff(AppliedOperation done) => done is { Result: null, Operation.Precondition: RowPrecondition };

    /// <summary>An inverse that is left to a person.</summary>
    public static RepairOperation Undecided(RepairOperation inverse, string reason) => inverse with
    {
        Type = OperationTypes.Review,
        Reason = reason,
        NeedsReview = true,
        Action = null,
    };

    private static RepairOperation DeleteAgain(RepairOperation inverse, RowPrecondition now) => inverse with
    {
        Type = OperationTypes.DeleteOrphans,
        Risk = Risk.High,
        Reason = "The row is deleted again.",
        Precondition = now,
        Action = new ChangeRowAction(now.Table, now.Key, [], null),
    };

    private RepairOperation RestoreSchema(RepairOperation inverse, SchemaPrecondition before, AppliedOperation done)
    {
        if (done.Result is null)
        {
            if (!SummaryRepair.IsDone(Connection, done.Operation.Action!, before, Saved))
            {
                return Undecided(inverse, "The run was cut off before it told what it made, and what stands there is not just that: it is left alone. Take away what others have made since and undo "
                    + $"it again, or drop by hand what is not wanted. What was there before is in '{source.Backup.Path}'.");
            }
        }

        return inverse with
        {
            Type = OperationTypes.RestoreSchema,
            Risk = Risk.High,
            Reason = $"The table {before.Table}, its indexes and triggers and the view become what they were, rows included; what they have taken from events since is in the backup of this undo.",
            Precondition = done.Result?.After ?? SummarySchema.Read(Connection, before.EventTable, before.Table, before.View).Precondition,
            Action = new RestoreSchemaAction(before.EventTable, before.Table, before.View, source.Backup.Path),
        };
    }

    private RepairOperation Restore(RepairOperation inverse, string before, RowPrecondition now) => inverse with
    {
        Type = OperationTypes.RestoreRow,
        Reason = "The row becomes what it was, from the saved state.",
        Precondition = now,
        Action = new RestoreRowAction(now.Table, now.Key, before, source.Backup.Path),
    };

    /// <summary>The row as the operation left it. Columns that were added to the table since, or stand in another order, do not count as a change of the row.</summary>
    private RowPrecondition Left(AppliedOperation done, string table, RawJson key, string? planned)
    {
        var left = done.Result?.After as RowPrecondition ?? new RowPrecondition(table, key, planned);
        return left.Sha256 is not null && !State.Holds(left)
            && done.Operation.Precondition is RowPrecondition { Sha256: { } before } && Saved.Find(table, key, before) is { } columns
            && State.Rows.Read(table, key) is { } now && now.In(columns)?.Sha256 == left.Sha256
            ? left with { Sha256 = now.Sha256 }
            : left;
    }
}
