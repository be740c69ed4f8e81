using IntegrityTools.Model;
using IntegrityTools.Sqlite.Reading;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Tells what a run would do now, without a trace.</summary>
internal static class SqlitePreview
{
    /// <summary>One result an operation, in their order.</summary>
    public static IReadOnlyList<RepairResult> Of(string path, IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        // What salvages opens nothing with SQLite: there may be nothing that it can open.
        using var reader = operations.All(operation => operation.Precondition is FilePrecondition)
            ? null : QuietReader.ForRows(path, cancellationToken);
        var state = reader is null ? null : new SqliteState(reader.Connection);
        var danger = operations.Any(SqliteRepair.WritesPages) ? PageDanger.Of(path, cancellationToken) : null;
        return [.. operations.Select(operation =>
        {
            if (danger is not null && SqliteRepair.WritesPages(operation))
            {
                return RepairResult.Of("dry-run", operation, OperationOutcome.Failed, danger);
            }

            var holds = operation.Precondition is FilePrecondition ? SalvageRepair.Holds(path, operation, cancellationToken)
                : state!.Holds(operation.Precondition);
            return RepairResult.Of(
                "dry-run", operation, holds ? OperationOutcome.WouldApply : OperationOutcome.Stale, holds ? operation.Reason : SqliteRepair.Stale(operation), null);
        })];
    }
}
