namespace IntegrityTools.Cli.Tests;

public sealed class InterruptTests : IDisposable
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(1);
    private readonly CliFolder cli = new(40_000);

    public void Dispose() => cli.Dispose();

    [SkippableFact]
    public async Task Ctrl_C_stops_a_scan_within_a_second_and_leaves_130()
    {
        CliFolder.RequireInterrupt();

        var shortest = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < 5 && shortest >= Promised; attempt++)
        {
            var (result, took) = await cli.InterruptAsync(() => File.Exists(cli.At("ledger.db")), "scan", "--output", "jsonl");
            result.Expect(130);
            Assert.Contains("Cancelled.", result.Error, StringComparison.Ordinal);
            shortest = took < shortest ? took : shortest;
            File.Delete(cli.At("ledger.db"));
        }

        // What a machine that does other things adds is not the program's.
        Assert.True(shortest < Promised, $"It took {shortest}.");
    }

    [SkippableFact]
    public async Task Ctrl_C_in_a_repair_tells_how_to_resume_and_resuming_ends_as_if_unbroken()
    {
        CliFolder.RequireInterrupt();
        var plan = (await cli.RunAsync("plan", "--output", "json")).Expect(0).Json.GetProperty("id").GetString()!;

        // The new file grows under another name until it is whole.
        var (result, _) = await cli.InterruptAsync(
            () => Directory.GetFiles(cli.Path, "cut.jsonl*").Length > 0, ["repair", "--plan", plan, "--confirm", "--to", "cut.jsonl"]);
        result.Expect(130);
        var resume = result.Error.Split('\n').Single(line => line.Contains("repair --resume", StringComparison.Ordinal)).Trim();
        Assert.False(File.Exists(cli.At("cut.jsonl")), "A half-written file must not be seen.");

        (await cli.RunAsync([.. resume.Split(' ')[1..]])).Expect(0);
        (await cli.RunAsync("repair", "--plan", plan, "--confirm", "--to", "whole.jsonl")).Expect(0);
        Assert.Equal(cli.Sha256("whole.jsonl"), cli.Sha256("cut.jsonl"));
    }
}
