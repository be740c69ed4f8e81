using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>A folder that holds one database and nothing else, beside an engine of its own.</summary>
internal sealed class Place : IAsyncDisposable
{
    public Place(string name = "app.db", string configuration = "resolution: {}\n")
    {
        Work = new Workplace(configuration);
        Data = Directory.CreateDirectory(Work.PathOf("data")).FullName;
        Database = Path.Combine(Data, name);
    }

    public Workplace Work { get; }

    public string Data { get; }

    public string Database { get; }

    public ValueTask<List<IntegrityIssue>> ScanAsync() => Work.ScanAsync("sqlite:" + Database);

    /// <summary>Scans, plans and shows what a repair would do, and holds every file against what it was.</summary>
    public async Task<List<IntegrityIssue>> ScanWithoutTraceAsync()
    {
        var before = Databases.Trace(Data);
        var issues = await ScanAsync();
        if (issues.Count > 0)
        {
            await Work.RunAsync(await Work.PlanAsync(issues), dryRun: true);
        }

        Assert.Equal(before, Databases.Trace(Data));
        return issues;
    }

    public ValueTask DisposeAsync() => Work.DisposeAsync();
}
