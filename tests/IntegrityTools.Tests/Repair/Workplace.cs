using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Repair;

/// <summary>An engine with a ledger and a configuration of its own in a scratch folder.</summary>
internal sealed class Workplace : IAsyncDisposable
{
    public Workplace(string configuration = "resolution: {}\n", StoreCredential? credential = null)
    {
        Folder = Directory.CreateTempSubdirectory("integrity-test-").FullName;
        Credential = credential;
        File.WriteAllText(Path.Combine(Folder, "integrity.yaml"), configuration);
        Engine = IntegrityEngine.Open(new EngineOptions
        {
            ConfigurationPath = Path.Combine(Folder, "integrity.yaml"),
            LedgerPath = Path.Combine(Folder, "ledger.db"),
        });
    }

    public string Folder { get; }

    public StoreCredential? Credential { get; }

    public IntegrityEngine Engine { get; }

    public RepairExecution? Execution { get; private set; }

    public static async Task<Workplace> ForServerAsync(Engines.CouchDbServer server) => await Task.FromResult(new Workplace(credential: server.Credential));

    public string PathOf(string name) => Path.Combine(Folder, name);

    public ValueTask<List<IntegrityIssue>> ScanAsync(string store, params string[] subjects) =>
        Engine.ScanAsync(new ScanOptions { Store = store, Credential = Credential, Subjects = subjects }, default).ToListAsync();

    /// <summary>Scans as asked; the issues with the report that the ledger keeps of it.</summary>
    public async Task<(List<IntegrityIssue> Issues, ScanReport Report)> ScanAsync(ScanOptions options)
    {
        ScanReport? report = null;
        var issues = await Engine.ScanAsync(options with { Credential = Credential, ReportChanged = changed => report = changed }, default).ToListAsync();
        return (issues, (await (await Engine.GetLedgerAsync(default)).GetScanAsync(report!.ScanId, default))!);
    }

    public async Task<RepairPlan> PlanAsync(IEnumerable<IntegrityIssue> issues, Strategy? strategy = null, string? backup = null) =>
        (await Engine.PlanAsync(issues.ToAsyncEnumerable(), new PlanOptions { Strategy = strategy, Backup = backup, Credential = Credential }, default)).Single();

    public ValueTask<List<RepairResult>> RunAsync(RepairPlan plan, string? destination = null, bool dryRun = false, bool whileOpen = false, CancellationToken cancellationToken = default) =>
        Engine.RepairAsync(plan, Options(destination) with { DryRun = dryRun, WhileOpen = whileOpen }, cancellationToken).ToListAsync(cancellationToken);

    public IAsyncEnumerable<RepairResult> RepairAsync(RepairPlan plan, CancellationToken cancellationToken) =>
        Engine.RepairAsync(plan, Options(null), cancellationToken);

    public ValueTask<List<RepairResult>> ResumeAsync(string execution, bool whileOpen = false) =>
        Engine.ResumeAsync(execution, Options(null) with { WhileOpen = whileOpen }, default).ToListAsync();

    public Task<RepairPlan> PlanUndoAsync(string? execution = null) => Engine.PlanUndoAsync(execution ?? Execution!.Id, Credential, record: true, default);

    public async Task<LedgerVerification> VerifyAsync() => await (await Engine.GetLedgerAsync(default)).VerifyAsync(default);

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private RepairOptions Options(string? destination) => new()
    {
        Credential = Credential,
        Destination = destination,
        ExecutionChanged = execution => Execution = execution,
    };
}
