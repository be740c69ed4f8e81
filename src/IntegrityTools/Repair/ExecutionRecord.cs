using System.Globalization;
using System.Text.Json;
using IntegrityTools.Backups;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Repair;

/// <summary>Writes the events of one execution into the ledger.</summary>
/// <param name="ledger">The ledger.</param>
/// <param name="execution">The execution as it begins or goes on.</param>
/// <param name="outcomes">By operation number, what an earlier part of the same execution came to.</param>
internal sealed class ExecutionRecord(ILedger ledger, RepairExecution execution, Dictionary<int, OperationOutcome> outcomes)
{
    /// <summary>The execution as it stands.</summary>
    public RepairExecution Execution { get; private set; } = execution;

    /// <summary>How many operations failed and were not tried again with success.</summary>
    public int Failed => outcomes.Values.Count(outcome => outcome == OperationOutcome.Failed);

    /// <summary>Records that it begins or goes on.</summary>
    public Task StartedAsync(bool resuming, CancellationToken cancellationToken) =>
        AppendAsync(resuming ? LedgerEventKinds.ExecutionResumed : LedgerEventKinds.ExecutionStarted, cancellationToken);

    /// <summary>Records that the state before the repair is on disk.</summary>
    public Task SavedAsync(BackupRecord backup, CancellationToken cancellationToken)
    {
        Execution = Execution with { BackupPath = backup.Path };
        List<LedgerEvent> events = [Event(LedgerEventKinds.BackupSaved) with { Data = Json(backup, LedgerJson.Default.BackupRecord) }];
        if (BackupFolder.SetAsideAt(backup.Path) is { } aside)
        {
            // Known from the first step on: a run that is killed is gone on with by whoever resumes it, and not by the command that began it.
            events.Add(IntegrityBackups.Event(LedgerEventKinds.BackupSetAside, aside, null));
        }

        return ledger.AppendAsync(events, cancellationToken);
    }

    /// <summary>Records the file that was written.</summary>
    public Task WrittenAsync(WrittenFile file)
    {
        Execution = Execution with { Damaged = file.Damaged };
        return ledger.AppendAsync([Event(LedgerEventKinds.FileWritten) with { Data = Json(file, LedgerJson.Default.WrittenFile) }], CancellationToken.None);
    }

    /// <summary>Records the intent of a batch, before its effect.</summary>
    public Task IntendedAsync(IReadOnlyList<RepairOperation> batch, CancellationToken cancellationToken) =>
        ledger.AppendAsync(
            [.. batch.Select(operation => Event(LedgerEventKinds.OperationStarted) with
            {
                Subject = Number(operation.Number),
                Data = OperationFacts.Of(operation),
                Sensitive = Json(operation.Precondition, ModelJson.Default.Precondition),
            })],
            cancellationToken);

    /// <summary>Records outcomes. Not cancellable: what was done must be known.</summary>
    public Task FinishedAsync(IReadOnlyList<RepairResult> results)
    {
        foreach (var result in results)
        {
            outcomes[result.Number] = result.Outcome;
        }

        return ledger.AppendAsync(
            [.. results.Select(result => Event(LedgerEventKinds.OperationFinished) with
            {
                Subject = Number(result.Number),
                Data = OperationFacts.Of(result),
                Sensitive = Json(result, ModelJson.Default.RepairResult),
            })],
            CancellationToken.None);
    }

    /// <summary>Records that it is over, or stopped and can be resumed.</summary>
    public Task EndedAsync(ExecutionStatus status, string? message)
    {
        Execution = Execution with
        {
            Status = status,
            EndedAt = DateTimeOffset.UtcNow,
            Message = message,
            Outcomes = outcomes.Values.CountBy(Codes.Of).ToDictionary(),
            Pending = Execution.Operations - outcomes.Count + Failed,
        };
        return AppendAsync(LedgerEventKinds.ExecutionFinished, CancellationToken.None);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static RawJson Json<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, type));

    private Task AppendAsync(string kind, CancellationToken cancellationToken) =>
        ledger.AppendAsync([Event(kind) with { Data = Json(Execution, ModelJson.Default.RepairExecution) }], cancellationToken);

    private LedgerEvent Event(string kind) => new()
    {
        Kind = kind,
        Store = Execution.Store,
        PlanId = Execution.PlanId,
        ExecutionId = Execution.Id,
    };
}
