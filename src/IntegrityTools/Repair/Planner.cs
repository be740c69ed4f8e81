using System.Globalization;
using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Repair;

/// <summary>Makes a sealed plan from issues, and records it. The same for every kind of store: what to do about an issue, the store proposes.</summary>
internal sealed class Planner(ILedger ledger)
{
    private const double UnknownOperationMs = 5;

    /// <summary>Plans the repair of one store's issues.</summary>
    public async Task<RepairPlan> PlanAsync(
        IIntegrityStore store,
        IReadOnlyCollection<IntegrityIssue> issues,
        string? scanId,
        RepairPolicy policy,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken)
    {
        var operations = new List<RepairOperation>();
        var planned = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var operation in store.ProposeAsync(issues.ToAsyncEnumerable(), policy, cancellationToken).ConfigureAwait(false))
        {
            operations.Add(operation with { Number = operations.Count + 1 });
            planned.Add(operation.IssueId);
            progress?.Report(new WorkProgress("Planning", planned.Count, issues.Count, "issues", operations.Count, operations.Count == 1 ? "operation" : "operations"));
        }

        return await SealAsync(
            new RepairPlan
            {
                Id = Identifiers.New("plan"),
                Store = store.Descriptor.Address,
                CreatedAt = DateTimeOffset.UtcNow,
                Strategy = policy.Strategy ?? policy.Resolution.DefaultStrategy,
                ScanId = scanId,
                Operations = operations,
            },
            record: true,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Plans the inverse of an execution; not recorded, it is a dry run's.</summary>
    public async Task<RepairPlan> PlanUndoAsync(
        IIntegrityStore store, RepairPlan plan, RepairExecution execution, bool record, CancellationToken cancellationToken)
    {
        var executions = await ledger.ListExecutionsAsync(cancellationToken).ConfigureAwait(false);
        await OpenUndo.ThrowIfUnfinishedAsync(ledger, executions, execution.Id, cancellationToken).ConfigureAwait(false);
        var byNumber = plan.Operations.ToDictionary(operation => operation.Number);
        var applied = new List<AppliedOperation>();
        var foreign = 0;
        var (open, begun) = await AttemptsAsync(execution.Id, cancellationToken).ConfigureAwait(false);
        await foreach (var result in ledger.ReadResultsAsync(execution.Id, cancellationToken).ConfigureAwait(false))
        {
            // What stood as planned when it was first tried is the work of another.
            if (result.Outcome == OperationOutcome.AlreadyApplied && !begun.Contains(result.Number))
            {
                foreign++;
            }
            else if (begun.Contains(result.Number) && byNumber.TryGetValue(result.Number, out var operation))
            {
                // An attempt that wrote nothing says nothing of what one before it, which did not tell, left behind.
                applied.Add(new AppliedOperation(operation, result.After is null ? null : result));
            }
        }

        applied.AddRange(open.Where(byNumber.ContainsKey).Select(number => new AppliedOperation(byNumber[number], null)));
        var given = await GivenBackAsync(executions, execution.Id, cancellationToken).ConfigureAwait(false);
        var counts = applied.CountBy(pair => KeyOf(pair.Operation)).ToDictionary();
        applied.RemoveAll(pair => given.GetValueOrDefault(KeyOf(pair.Operation)) >= counts[KeyOf(pair.Operation)]);
        applied.Reverse();
        var operations = new List<RepairOperation>();
        var source = await ReadSourceAsync(execution, cancellationToken).ConfigureAwait(false);
        await foreach (var operation in store.ProposeUndoAsync(applied.ToAsyncEnumerable(), source, cancellationToken).ConfigureAwait(false))
        {
            operations.Add(operation with { Number = operations.Count + 1 });
        }

        if (operations.Count == 0 && given.Count == 0 && foreign > 0)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState,
                "The execution changed nothing: what it found done was done by another, so that there is nothing to take back.",
                execution.Id,
                $"Resume it if it is not over; to take back what another did, undo that one: {CommandWords.Command("integrity reports list --all-stores", "Get-RepairExecution -AllStores")} shows them.");
        }

        return await SealAsync(
            new RepairPlan
            {
                Id = Identifiers.New("plan"),
                Store = store.Descriptor.Address,
                CreatedAt = DateTimeOffset.UtcNow,
                Strategy = plan.Strategy,
                Undoes = execution.Id,
                Operations = operations,
            },
            record,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Seals and records operations that answer no issue, such as those of a restore.</summary>
    public Task<RepairPlan> PlanAsync(string store, IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken) => SealAsync(
        new RepairPlan
        {
            Id = Identifiers.New("plan"),
            Store = store,
            CreatedAt = DateTimeOffset.UtcNow,
            Strategy = Strategy.Manual,
            Operations = [.. operations.Select((operation, index) => operation with { Number = index + 1 })],
        },
        record: true,
        cancellationToken);

    /// <summary>An operation and its inverse are about the same.</summary>
    private static (string Issue, string Subject) KeyOf(RepairOperation operation) => (operation.IssueId, operation.Subject);

    /// <summary>How many operations earlier undos of the execution gave back, by what they are about. What an undo of those did again does not count.</summary>
    private async Task<Dictionary<(string Issue, string Subject), int>> GivenBackAsync(
        IReadOnlyList<RepairExecution> executions, string executionId, CancellationToken cancellationToken)
    {
        var given = new Dictionary<(string Issue, string Subject), int>();
        foreach (var undo in executions.Where(undo =>
            undo.Undoes == executionId && undo.Destination is null && !executions.Any(again => again.Undoes == undo.Id && again.BackupPath is not null)))
        {
            var plan = await ledger.GetPlanAsync(undo.PlanId, cancellationToken).ConfigureAwait(false);
            var byNumber = plan?.Operations.ToDictionary(operation => operation.Number) ?? [];
            await foreach (var result in ledger.ReadResultsAsync(undo.Id, cancellationToken).ConfigureAwait(false))
            {
                if (result.Outcome is OperationOutcome.Applied or OperationOutcome.AlreadyApplied && byNumber.TryGetValue(result.Number, out var operation))
                {
                    given[KeyOf(operation)] = given.GetValueOrDefault(KeyOf(operation)) + 1;
                }
            }
        }

        return given;
    }

    /// <summary>
    /// The operations that were begun and have no record of how they ended (a process was killed in between, or a batch was called off), and the others of which some
    /// attempt, not only the last one, may have written.
    /// </summary>
    private async Task<(SortedSet<int> Open, HashSet<int> Begun)> AttemptsAsync(string executionId, CancellationToken cancellationToken)
    {
        var open = new SortedSet<int>();
        var begun = new HashSet<int>();
        await foreach (var entry in ledger.ReadEventsAsync(new LedgerQuery { ExecutionId = executionId }, cancellationToken).ConfigureAwait(false))
        {
            if (!int.TryParse(entry.Event.Subject, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                continue;
            }

            if (entry.Event.Kind == LedgerEventKinds.OperationStarted && !open.Add(number))
            {
                begun.Add(number);
            }
            else if (entry.Event.Kind == LedgerEventKinds.OperationFinished)
            {
                open.Remove(number);
                if (HasWritten(entry.Event))
                {
                    begun.Add(number);
                }
            }
        }

        begun.ExceptWith(open);
        return (open, begun);
    }

    private static bool HasWritten(LedgerEvent finished) =>
        finished.Sensitive is { } result
        && JsonSerializer.Deserialize(result.Utf8.Span, ModelJson.Default.RepairResult) is { After: not null, Outcome: not OperationOutcome.AlreadyApplied };

    private async Task<UndoSource> ReadSourceAsync(RepairExecution execution, CancellationToken cancellationToken)
    {
        var files = await ExecutionFiles.ReadAsync(ledger, execution.Id, cancellationToken).ConfigureAwait(false);

        // A new file is nothing before it is whole, and has its name and its record then.
        if (files.Backup is null || (execution.Destination is not null && files.Written is null))
        {
            throw execution.Status == ExecutionStatus.Completed
                ? new IntegrityException(
                    ErrorIds.InvalidState, "The execution wrote nothing: there is nothing to take back.", execution.Id,
                    $"What became of its operations tells {CommandWords.Command($"integrity reports show {execution.Id}", $"Get-IntegrityReport {execution.Id}")}.")
                : new IntegrityException(
                    ErrorIds.InvalidState, "The execution stopped before anything was written: there is nothing to take back.", execution.Id, "Resume it, or make a new plan.");
        }

        // Where a new file was written, that file holds all that is needed; the old one may be gone.
        if (files.Written is null)
        {
            await files.ThrowIfBackupChangedAsync(cancellationToken).ConfigureAwait(false);
        }

        return new UndoSource(execution, files.Backup, files.Written);
    }

    private async Task<RepairPlan> SealAsync(RepairPlan plan, bool record, CancellationToken cancellationToken)
    {
        var times = await ledger.GetOperationTimesAsync(cancellationToken).ConfigureAwait(false);
        var estimate = plan.Operations
            .Where(operation => !operation.NeedsReview)
            .Sum(operation => times.TryGetValue(operation.Type, out var time) ? time : UnknownOperationMs);
        var sealedPlan = PlanDigest.Seal(plan with { EstimatedTimeMs = (long)Math.Ceiling(estimate) });
        if (record)
        {
            await PlanRecord.AppendAsync(ledger, sealedPlan, LedgerEventKinds.PlanCreated, [], cancellationToken).ConfigureAwait(false);
        }

        return sealedPlan;
    }
}
