using IntegrityTools.Cli.Demo;

namespace IntegrityTools.Cli.Tests;

public sealed class DemoTests : IDisposable
{
    private readonly CliFolder cli = new(100);

    public void Dispose() => cli.Dispose();

    [Fact]
    public async Task The_demo_goes_the_whole_way_proves_it_and_refuses_to_write_over_itself()
    {
        var demo = (await cli.RunAsync("demo", "--folder", "demo")).Expect(0);

        Assert.Contains("nothing differs", demo.Output, StringComparison.Ordinal);
        Assert.Contains("unbroken", demo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('✗', demo.Output);
        Assert.Matches(@"alias integrity=('\S*dotnet\S* \S*integrity\.dll'|\S*/integrity)\s", demo.Output);
        Assert.Equal(cli.Sha256("demo/demo.jsonl"), cli.Sha256("demo/restored.jsonl"));
        (await cli.RunAsync("demo", "--folder", "demo")).Expect(2);
    }

    [Fact]
    public void The_same_database_is_made_every_time_and_has_the_promised_size()
    {
        DemoDump.Write(cli.At("one.jsonl"), DemoDatabase.Documents());
        DemoDump.Write(cli.At("two.jsonl"), DemoDatabase.Documents());

        Assert.Equal(cli.Sha256("one.jsonl"), cli.Sha256("two.jsonl"));
        Assert.Equal(DemoDatabase.Size, DemoDatabase.Documents().Select(document => document.Id).Distinct(StringComparer.Ordinal).Count());
    }
}
