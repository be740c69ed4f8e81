using System.Diagnostics;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Cli.Demo;

/// <summary>The whole way once: make, scan, plan, dry run, repair, scan again, undo, compare, verify.</summary>
internal sealed class DemoRun(Session session, DemoFolder folder)
{
    private const int IssuesShown = 10;
    private const int OperationsShown = 6;

    private readonly Terminal terminal = session.Terminal;
    private int step;

    /// <summary>Runs it; the exit code tells whether every proof held.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Step($"A database of {Counted.Number(DemoDatabase.Size)} documents, as a dump that couchbackup could have written");
        DemoDump.Write(folder.Dump, DemoDatabase.Documents());
        await File.WriteAllTextAsync(folder.Configuration, DemoConfiguration.Text, cancellationToken).ConfigureAwait(false);
        var before = DemoFolder.Sha256(folder.Dump);
        terminal.Write($"  {folder.Dump}");
        terminal.Write($"  {Counted.Number(new FileInfo(folder.Dump).Length)} bytes, SHA-256 {before[..16]}…");

        await using var engine = IntegrityEngine.Open(new EngineOptions { ConfigurationPath = folder.Configuration, LedgerPath = folder.Ledger });
        var issues = await ScanAsync(engine, cancellationToken).ConfigureAwait(false);
        var plan = await PlanAsync(engine, issues, cancellationToken).ConfigureAwait(false);
        await PreviewAsync(engine, plan, cancellationToken).ConfigureAwait(false);
        var execution = await RepairAsync(engine, plan, cancellationToken).ConfigureAwait(false);
        var onlyForPersons = await ScanAgainAsync(engine, plan, cancellationToken).ConfigureAwait(false);
        await UndoAsync(engine, execution, cancellationToken).ConfigureAwait(false);
        var same = Compare(before);
        var unbroken = await VerifyAsync(engine, cancellationToken).ConfigureAwait(false);
        DemoEnding.Write(terminal, folder, execution);
        return onlyForPersons && same && unbroken ? ExitCodes.Done : ExitCodes.Failed;
    }

    private async Task<List<IntegrityIssue>> ScanAsync(IntegrityEngine engine, CancellationToken cancellationToken)
    {
        Step("Scan: nothing is written");
        ScanReport? report = null;
        var issues = await engine.ScanAsync(new ScanOptions { Store = "demo", ReportChanged = changed => report = changed }, cancellationToken)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        var table = new IssueTable(terminal);
        var kinds = issues.DistinctBy(issue => (issue.Type, issue.Severity, issue.CanAutoResolve, issue.DocumentType));
        foreach (var issue in kinds.Concat(issues).DistinctBy(issue => issue.Id).Take(IssuesShown))
        {
            table.Write(issue);
        }

        terminal.Write(terminal.Paint($"  … and {Counted.Number(issues.Count - IssuesShown)} more", Tone.Faint));
        terminal.Write();
        foreach (var (name, count) in Kinds(issues))
        {
            terminal.Write($"  {Counted.Number(count),6}  {name}");
        }

        terminal.Write($"  {ScanSummary.Line(report!)}");
        return issues;
    }

    private async Task<RepairPlan> PlanAsync(IntegrityEngine engine, List<IntegrityIssue> issues, CancellationToken cancellationToken)
    {
        Step("Plan: what to do about each, why, and at what risk");
        var plans = await engine.PlanAsync(issues.ToAsyncEnumerable(), new PlanOptions(), cancellationToken).ConfigureAwait(false);
        PlanOutput.Head(terminal, plans[0]);
        PlanOutput.Summary(terminal, plans[0]);
        if (plans[0].Operations.FirstOrDefault(operation => operation.NeedsReview) is { } left)
        {
            terminal.Write();
            terminal.Write("  One of those that only a person can decide:");
            OperationText.Write(terminal, left);
        }

        return plans[0];
    }

    private async Task PreviewAsync(IntegrityEngine engine, RepairPlan plan, CancellationToken cancellationToken)
    {
        Step("Dry run: the changes, field by field");
        using var output = new ResultOutput(session, OutputFormat.Table, plan, dryRun: true, $"repair --plan {plan.Id}");
        var wanted = Instructive(plan);
        var others = 0;
        await foreach (var result in engine.RepairAsync(plan, new RepairOptions { DryRun = true }, cancellationToken).ConfigureAwait(false))
        {
            if (wanted.Contains(result.Number))
            {
                output.Show(result);
            }
            else
            {
                others++;
            }
        }

        terminal.Write(terminal.Paint($"  … and {Counted.Number(others)} more", Tone.Faint));
    }

    private async Task<RepairExecution> RepairAsync(IntegrityEngine engine, RepairPlan plan, CancellationToken cancellationToken)
    {
        Step("Repair: into a new dump, for a dump is never changed in place");
        return await ExecuteAsync(engine, plan, folder.Repaired, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> ScanAgainAsync(IntegrityEngine engine, RepairPlan plan, CancellationToken cancellationToken)
    {
        Step("Scan again: what is left is for a person");
        var left = await engine.ScanAsync(new ScanOptions { Store = "repaired" }, cancellationToken)
            .ToListAsync(cancellationToken).ConfigureAwait(false);
        var people = plan.Operations.Where(operation => operation.NeedsReview)
            .Select(operation => operation.Subject).ToHashSet(StringComparer.Ordinal);
        var held = left.Count == people.Count && left.TrueForAll(issue => people.Contains(issue.Subject));
        Verdict(held, $"{Counted.Of(left.Count, "issue")} left, {Counted.Of(people.Count, "operation")} of the plan left to a person");
        return held;
    }

    private async Task UndoAsync(IntegrityEngine engine, RepairExecution execution, CancellationToken cancellationToken)
    {
        Step("Undo: everything as it was");
        var plan = await engine.PlanUndoAsync(execution.Id, null, record: true, cancellationToken).ConfigureAwait(false);
        _ = await ExecuteAsync(engine, plan, folder.Restored, cancellationToken).ConfigureAwait(false);
    }

    private bool Compare(string before)
    {
        Step("Proof: the restored dump is the first one, byte for byte");
        var after = DemoFolder.Sha256(folder.Restored);
        terminal.Write($"  demo      {before}");
        terminal.Write($"  restored  {after}");
        Verdict(before == after && before == DemoFolder.Sha256(folder.Dump), before == after ? "nothing differs" : "they differ");
        return before == after;
    }

    private async Task<bool> VerifyAsync(IntegrityEngine engine, CancellationToken cancellationToken)
    {
        Step("Audit: every step is an event in the ledger, chained by hashes");
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        var verification = await ledger.VerifyAsync(cancellationToken).ConfigureAwait(false);
        AuditOutput.WriteVerification(terminal, verification, OutputFormat.Table);
        return verification.Ok;
    }

    private async Task<RepairExecution> ExecuteAsync(IntegrityEngine engine, RepairPlan plan, string destination, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        RepairExecution? execution = null;
        var options = new RepairOptions { Destination = destination, ExecutionChanged = changed => execution = changed };
        await foreach (var result in engine.RepairAsync(plan, options, cancellationToken).ConfigureAwait(false))
        {
            if (result.Outcome == OperationOutcome.Failed)
            {
                terminal.Write($"  {terminal.Paint("failed", Tone.Bad)} {TerminalText.Clean(result.Subject)}: {result.Message}");
            }
        }

        var outcomes = execution!.Outcomes.Select(pair => $"{Counted.Number(pair.Value)} {pair.Key}");
        terminal.Write($"  {string.Join(", ", outcomes)}; {Durations.Of(watch.Elapsed)}");
        terminal.Write($"  {destination}");
        return execution;
    }

    private static IEnumerable<(string Name, int Count)> Kinds(List<IntegrityIssue> issues) => issues
        .GroupBy(issue => issue.Evidence is ConflictEvidence evidence
            ? $"{issue.Type}, {Leaves(evidence)}"
            : issue.Type)
        .Select(group => (group.Key, group.Count()))
        .OrderByDescending(pair => pair.Item2);

    private static string Leaves(ConflictEvidence evidence) => evidence switch
    {
        { IdenticalBodies: true } => "equal bodies",
        { LiveLeaves: 1 } => "an edit and a deletion",
        _ => $"{evidence.LiveLeaves} live leaves",
    };

    /// <summary>Operations that differ from each other in what they show.</summary>
    private static HashSet<int> Instructive(RepairPlan plan) =>
    [
        .. plan.Operations.Where(operation => operation is { NeedsReview: false, Changes.Count: > 0 and < 5 })
            .DistinctBy(operation => operation.Changes[0].Path)
            .Take(OperationsShown).Select(operation => operation.Number),
    ];

    private void Step(string title)
    {
        terminal.Write();
        terminal.Write(terminal.Paint($"{++step}. {title}", Tone.Strong));
        terminal.Flush();
    }

    private void Verdict(bool held, string text) =>
        terminal.Write($"  {(held ? terminal.Paint("✓", Tone.Good) : terminal.Paint("✗", Tone.Bad))} {text}");
}
