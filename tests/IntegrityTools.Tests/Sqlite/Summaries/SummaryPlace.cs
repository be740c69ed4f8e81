using IntegrityTools.Model;
using IntegrityTools.Sqlite.Summaries;

namespace IntegrityTools.Tests.Sqlite.Summaries;

/// <summary>A database with events, and what is done with its summary.</summary>
internal sealed class SummaryPlace : IAsyncDisposable
{
    private readonly Place place = new();

    public string Database => place.Database;

    public Repair.Workplace Work => place.Work;

    public string Definition { get; set; } = "healarr";

    public Task<SummaryReport> TestAsync() => Work.Engine.Summaries.TestAsync(Options, default);

    public Task<RepairPlan?> PlanInstallAsync(bool redefineView = false) => Work.Engine.Summaries.PlanInstallAsync(Options with { RedefineView = redefineView }, default);

    public async Task InstallAsync(bool redefineView = false) => await RunAsync((await PlanInstallAsync(redefineView))!);

    public async Task<RepairPlan> UpdateAsync()
    {
        var plan = (await Work.Engine.Summaries.PlanUpdateAsync(Options, default))!;
        await RunAsync(plan);
        return plan;
    }

    public async Task UndoAsync() => await RunAsync(await Work.PlanUndoAsync());

    /// <summary>Runs a plan, all of which must be applied.</summary>
    public async Task RunAsync(RepairPlan plan)
    {
        Assert.NotEmpty(plan.Operations);
        Assert.All(await Work.RunAsync(plan), result => Assert.True(result.Outcome == OperationOutcome.Applied, $"{result.Subject}: {result.Outcome} {result.Message}"));
    }

    public void Do(params string[] statements) => Databases.Create(Database, statements);

    public IReadOnlyList<string> Rows(string query = Corruptions.Summary) => Corruptions.Rows(Database, query);

    /// <summary>All that the schema declares.</summary>
    public IReadOnlyList<string> Schema() => Rows("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2");

    public ValueTask DisposeAsync() => place.DisposeAsync();

    private SummaryOptions Options => new() { Store = Database, Definition = Definition };
}
