using System.Runtime.CompilerServices;
using IntegrityTools.Backups;
using IntegrityTools.Configuration;
using IntegrityTools.Health;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Queue;
using IntegrityTools.Repair;
using IntegrityTools.Sqlite.Summaries;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>
/// The engine, as every host sees it: scan, plan, repair, resume, undo, each recorded in the ledger. Hosts hold no logic of their own.
/// </summary>
public sealed class IntegrityEngine : IAsyncDisposable
{
    private readonly EngineOptions options;
    private SqliteLedger? ledger;

    private IntegrityEngine(EngineOptions options, IntegrityConfiguration configuration, StoreCatalog stores)
    {
        this.options = options;
        Configuration = configuration;
        Stores = stores;
        Backups = new IntegrityBackups(this, BackupKinds.Create());
        Summaries = new IntegritySummaries(this);
        Maintenance = new IntegrityMaintenance(this, MaintenanceKinds.Create());
        Issues = new IssueQueue(this);
        Health = new HealthMonitor(this);
    }

    /// <summary>The configuration in force.</summary>
    public IntegrityConfiguration Configuration { get; }

    /// <summary>The stores that can be opened by name or address.</summary>
    public StoreCatalog Stores { get; }

    /// <summary>Backups of whole stores.</summary>
    public IntegrityBackups Backups { get; }

    /// <summary>Summaries of event tables in SQLite databases.</summary>
    public IntegritySummaries Summaries { get; }

    /// <summary>Maintenance of stores.</summary>
    public IntegrityMaintenance Maintenance { get; }

    /// <summary>The issues that are known.</summary>
    public IssueQueue Issues { get; }

    /// <summary>How well stores are.</summary>
    public HealthMonitor Health { get; }

    /// <summary>Reads the configuration. The ledger is opened when first needed.</summary>
    /// <exception cref="IntegrityException">The configuration has errors.</exception>
    public static IntegrityEngine Open(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var configuration = ConfigurationLoader.Load(options.ConfigurationPath);
        return new IntegrityEngine(options, configuration, new StoreCatalog(configuration, StoreKinds.Create()));
    }

    /// <summary>The ledger, opened on first use.</summary>
    /// <exception cref="IntegrityException">It cannot be opened.</exception>
    public async Task<ILedger> GetLedgerAsync(CancellationToken cancellationToken) =>
        ledger ??= await SqliteLedger.OpenAsync(
            new LedgerOptions
            {
                Path = Configuration.Ledger.Locate(options.LedgerPath),
                Key = Configuration.Ledger.ReadKey(),
                AuditLogPath = Configuration.Audit.LogFile,
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Scans a store; issues come as they are found and are recorded. What is ignored is recorded and left out. Writes nothing to the store.
    /// </summary>
    public async IAsyncEnumerable<IntegrityIssue> ScanAsync(ScanOptions scan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scan);
        var book = await GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        var resumption = scan.Resume is { } id ? await ScanResumption.ReadAsync(book, id, cancellationToken).ConfigureAwait(false) : null;
        scan = resumption?.Options(scan) ?? scan;
        await using var store = Stores.Open(scan.Store, scan.Credential, scan.Limits);
        var plan = await ScanPlan.MakeAsync(scan, store, Configuration, book, resumption, cancellationToken).ConfigureAwait(false);
        await using var shared = scan.Shared is { } name ? await store.ShareScanAsync(SharedScans.Request(name, scan, plan, book), cancellationToken).ConfigureAwait(false) : null;
        var found = resumption?.Found ?? (shared is null ? null : await FoundIssues.ReadAsync(book, shared.ScanId, plan.Store, cancellationToken).ConfigureAwait(false));
        var recorder = new ScanRecorder(book, store, scan, plan, resumption, shared, found);
        await foreach (var issue in recorder.RunAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return issue;
        }

        await IssueQueue.CleanAsync(book, DateTimeOffset.UtcNow - Configuration.Monitoring.ResolvedRetention, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The issues of an earlier scan, as they were found.</summary>
    /// <exception cref="IntegrityException">There is no such scan.</exception>
    public async IAsyncEnumerable<IntegrityIssue> ReadIssuesAsync(string scanId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var book = await GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        _ = await book.GetScanAsync(scanId, cancellationToken).ConfigureAwait(false)
            ?? throw NotFound("scan", scanId, "integrity reports list --all-stores", "Get-IntegrityReport -AllStores");
        await foreach (var issue in book.ReadIssuesAsync(scanId, cancellationToken).ConfigureAwait(false))
        {
            yield return issue;
        }
    }

    /// <summary>Plans the repair of what a scan finds: of one made now, or of the recorded <see cref="PlanOptions.ScanId"/>. The scan's filters hold for both.</summary>
    /// <exception cref="IntegrityException">There is no such scan, or the store cannot be scanned.</exception>
    public Task<IReadOnlyList<RepairPlan>> PlanAsync(ScanOptions scan, PlanOptions plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return PlanAsync(
            plan.ScanId is { } recorded ? this.ReadIssuesAsync(recorded, scan, cancellationToken) : ScanAsync(scan with { ForPlan = true }, cancellationToken),
            plan with { OfScan = true },
            cancellationToken);
    }

    /// <summary>Plans the repair of issues: one plan a store, in the order in which the stores and the issues appear. Issues may come from several scans.</summary>
    public async Task<IReadOnlyList<RepairPlan>> PlanAsync(
        IAsyncEnumerable<IntegrityIssue> issues, PlanOptions plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(issues);
        ArgumentNullException.ThrowIfNull(plan);
        var byStore = new Dictionary<string, List<IntegrityIssue>>(StringComparer.Ordinal);
        await foreach (var issue in issues.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (!byStore.TryGetValue(issue.Store, out var list))
            {
                byStore.Add(issue.Store, list = []);
            }

            list.Add(issue);
        }

        if (byStore.Count == 0)
        {
            ThrowUnlessOne(plan, 0);
        }

        var book = await GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        var backup = plan.Backup is null ? null : await Backups.DatabaseOfAsync(plan.Backup, cancellationToken).ConfigureAwait(false);
        var plans = new List<RepairPlan>(byStore.Count);
        foreach (var (address, list) in byStore)
        {
            await using var store = Stores.Open(address, plan.Credential);
            var scans = list.Select(issue => issue.ScanId).Distinct(StringComparer.Ordinal).Take(2).ToList();
            plans.Add(await new Planner(book)
                .PlanAsync(store, plan.OfScan ? IssueOrder.Sort(list) : list, scans.Count == 1 ? scans[0] : null, Policy(plan, list.Count, backup), plan.Progress, cancellationToken)
                .ConfigureAwait(false));
        }

        return plans;
    }

    /// <summary>A recorded plan.</summary>
    /// <exception cref="IntegrityException">There is no such plan.</exception>
    public async Task<RepairPlan> GetPlanAsync(string planId, CancellationToken cancellationToken)
    {
        var book = await GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        return await book.GetPlanAsync(planId, cancellationToken).ConfigureAwait(false)
            ?? throw NotFound("plan", planId, "integrity plans list --all-stores", "Get-RepairPlan -AllStores");
    }

    /// <summary>Reads a plan file. A plan whose digest does not match is refused unless its changes are accepted: then it gets a new id.</summary>
    /// <param name="path">The file.</param>
    /// <param name="acceptChanges">True to take changes made by hand.</param>
    /// <param name="record">True to record the plan, and what was changed; false for a dry run, which writes nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RepairPlan> ImportPlanAsync(string path, bool acceptChanges, bool record, CancellationToken cancellationToken) =>
        await new PlanImport(await GetLedgerAsync(cancellationToken).ConfigureAwait(false))
            .ImportAsync(path, acceptChanges, record, cancellationToken).ConfigureAwait(false);

    /// <summary>Runs a plan, or tells what a run would do. Results come batch by batch.</summary>
    public async IAsyncEnumerable<RepairResult> RepairAsync(
        RepairPlan plan, RepairOptions repair, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(repair);
        PlanDigest.ThrowIfChanged(plan);
        var book = await GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        await PlanRecord.MakeSureAsync(book, plan, !repair.DryRun, cancellationToken).ConfigureAwait(false);
        await using var store = Stores.Open(plan.Store, repair.Credential);
        var executor = new Executor(book);
        var results = repair.DryRun
            ? executor.PreviewAsync(store, plan, null, repair, cancellationToken)
            : executor.RunAsync(store, plan, null, repair, cancellationToken);
        await foreach (var result in results.ConfigureAwait(false))
        {
            yield return result;
        }
    }

    /// <summary>Goes on with an execution that was stopped or cut off, or tells what of it is pending and would be done.</summary>
    public async IAsyncEnumerable<RepairResult> ResumeAsync(
        string executionId, RepairOptions repair, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repair);
        var execution = await GetExecutionAsync(executionId, cancellationToken).ConfigureAwait(false);
        Executor.ThrowIfOver(execution);
        var book = await GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        await OpenUndo.ThrowIfAnyAsync(book, executionId, cancellationToken).ConfigureAwait(false);
        var plan = await GetPlanAsync(execution.PlanId, cancellationToken).ConfigureAwait(false);
        PlanDigest.ThrowIfChanged(plan);
        await using var store = Stores.Open(execution.Store, repair.Credential);
        var executor = new Executor(book);
        var results = repair.DryRun
            ? executor.PreviewAsync(store, plan, execution, repair, cancellationToken)
            : executor.RunAsync(store, plan, execution, repair, cancellationToken);
        await foreach (var result in results.ConfigureAwait(false))
        {
            yield return result;
        }

        if (!repair.DryRun)
        {
            await RestoreOutcome.RecordResumedAsync(book, executionId, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Plans the inverse of an execution; <see cref="RepairAsync"/> runs it.</summary>
    /// <param name="executionId">The execution.</param>
    /// <param name="credential">Name and password; null: as configured.</param>
    /// <param name="record">True to record the plan; false for a dry run, which writes nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RepairPlan> PlanUndoAsync(string executionId, StoreCredential? credential, bool record, CancellationToken cancellationToken)
    {
        var execution = await GetExecutionAsync(executionId, cancellationToken).ConfigureAwait(false);
        var book = await GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        await WholeUndo.ThrowIfAnyAsync(book, execution, cancellationToken).ConfigureAwait(false);
        var plan = await GetPlanAsync(execution.PlanId, cancellationToken).ConfigureAwait(false);

        // A dump was never changed in place: what is taken back is the file that the execution wrote.
        var address = execution.Destination is null ? execution.Store : $"{Stores.Resolve(execution.Store).Address.Kind}:{execution.Destination}";
        await using var store = Stores.Open(address, credential);
        return await new Planner(book).PlanUndoAsync(store, plan, execution, record, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A recorded execution.</summary>
    /// <exception cref="IntegrityException">There is no such execution.</exception>
    public async Task<RepairExecution> GetExecutionAsync(string executionId, CancellationToken cancellationToken)
    {
        var book = await GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        return await book.GetExecutionAsync(executionId, cancellationToken).ConfigureAwait(false)
            ?? throw NotFound("execution", executionId, "integrity reports list --all-stores", "Get-RepairExecution -AllStores");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (ledger is not null)
        {
            await ledger.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static IntegrityException NotFound(string noun, string id, string verb, string cmdlet) =>
        new(ErrorIds.NotFound, $"The ledger has no {noun} '{id}'.", id, $"List them with {CommandWords.Command(verb, cmdlet)}; another ledger is named by {CommandWords.Option("--ledger", "-Ledger")} or INTEGRITY_LEDGER.");

    private static void ThrowUnlessOne(PlanOptions plan, int issues)
    {
        if (issues != 1 && (plan.KeepRevision is not null || plan.Document is not null))
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument,
                issues == 0 ? "A revision or a document decides one issue, and there is none." : $"A revision or a document decides one issue, but {issues} were given.",
                null,
                issues == 0
                    ? $"Look whether it is ignored or resolved: {CommandWords.Command("integrity issues list --all-stores --status ignored,resolved", "Get-IntegrityIssue -AllStores -Status Ignored, Resolved")}."
                    : "Filter the issues down to the one that is meant.");
        }
    }

    private RepairPolicy Policy(PlanOptions plan, int issues, string? backup)
    {
        ThrowUnlessOne(plan, issues);
        return new RepairPolicy
        {
            Strategy = plan.Strategy,
            MaximumRisk = plan.MaximumRisk,
            MaximumSeverity = plan.MaximumSeverity,
            KeepRevision = plan.KeepRevision,
            Document = plan.Document,
            Backup = backup,
            Resolution = Configuration.Resolution,
        };
    }
}
