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
            progress?.Report(new WorkProgress("Planning", planned.Count, issues.Count, "issues", operations.Count, "operations"));
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
        await OpenUndo.ThrowIfAnyAsync(ledger, execution.Id, cancellationToken).ConfigureAwait(false);
        var byNumber = plan.Operations.ToDictionary(operation => operation.Number);
        var applied = new List<AppliedOperation>();
        var foreign = 0;
        var (open, attempts) = await AttemptsAsync(execution.Id, cancellationToken).ConfigureAwait(false);
        await foreach (var result in ledger.ReadResultsAsync(execution.Id, cancellationToken).ConfigureAwait(false))
        {
            // What stood as planned when it was first tried is the work of another.
            if (result.Outcome == OperationOutcome.AlreadyApplied && attempts.GetValueOrDefault(result.Number) == 1)
            {
                foreign++;
            }
            else if (result.After is not null && !open.Contains(result.Number) && byNumber.TryGetValue(result.Number, out var operation))
            {
                applied.Add(new AppliedOperation(operation, result));
            }
        }

        applied.AddRange(open.Where(byNumber.ContainsKey).Select(number => new AppliedOperation(byNumber[number], null)));
        applied.Reverse();
        var operations = new List<RepairOperation>();
        var source = await ReadSourceAsync(execution, cancellationToken).ConfigureAwait(false);
        await foreach (var operation in store.ProposeUndoAsync(applied.ToAsyncEnumerable(), source, cancellationToken).ConfigureAwait(false))
        {
            operations.Add(operation with { Number = operations.Count + 1 });
        }

        if (operations.Count == 0 && foreign > 0)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState,
                "The execution changed nothing: what it found done was done by another, so that there is nothing to take back.",
                execution.Id,
                "Resume it if it is not over; to take back what another did, undo that one (integrity reports list, Get-RepairExecution).");
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

    /// <summary>
    /// The operations that were begun and have no record of how they ended (a process was killed in between, or a batch was called off), and how often each was begun
    /// and may have written.
    /// </summary>
    private async Task<(SortedSet<int> Open, Dictionary<int, int> Attempts)> AttemptsAsync(string executionId, CancellationToken cancellationToken)
    {
        var open = new SortedSet<int>();
        var attempts = new Dictionary<int, int>();
        await foreach (var entry in ledger.ReadEventsAsync(new LedgerQuery { ExecutionId = executionId }, cancellationToken).ConfigureAwait(false))
        {
            if (!int.TryParse(entry.Event.Subject, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                continue;
            }

            if (entry.Event.Kind == LedgerEventKinds.OperationStarted)
            {
                open.Add(number);
                attempts[number] = attempts.GetValueOrDefault(number) + 1;
            }
            else if (entry.Event.Kind == LedgerEventKinds.OperationFinished)
            {
                open.Remove(number);
                attempts[number] = attempts.GetValueOrDefault(number) - (WroteNothing(entry.Event) ? 1 : 0);
            }
        }

        return (open, attempts);
    }

    private static bool WroteNothing(LedgerEvent finished) =>
        finished.Sensitive is { } result && JsonSerializer.Deserialize(result.Utf8.Span, ModelJson.Default.RepairResult) is { Outcome: OperationOutcome.Failed, After: null };

    private async Task<UndoSource> ReadSourceAsync(RepairExecution execution, CancellationToken cancellationToken)
    {
        var files = await ExecutionFiles.ReadAsync(ledger, execution.Id, cancellationToken).ConfigureAwait(false);

        // A new file is nothing before it is whole, and has its name and its record then.
        if (files.Backup is null || (execution.Destination is not null && files.Written is null))
        {
            throw new IntegrityException(
                ErrorIds.InvalidState,
                "The execution stopped before anything was written: there is nothing to take back.",
                execution.Id,
                "Resume it, or make a new plan.");
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
