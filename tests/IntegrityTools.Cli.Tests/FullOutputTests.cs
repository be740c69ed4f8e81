namespace IntegrityTools.Cli.Tests;

/// <summary>Standard output and standard error that take nothing more, and texts that would move the cursor.</summary>
public sealed class FullOutputTests : IDisposable
{
    private readonly CliFolder cli = new(20);

    public void Dispose() => cli.Dispose();

    [SkippableTheory]
    [InlineData("version")]
    [InlineData("scan", "demo", "--output", "jsonl")]
    [InlineData("scan", "demo", "--output", "json")]
    public async Task Output_that_finds_no_room_is_a_failure_that_is_told_and_no_crash(params string[] arguments)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs /dev/full");

        var result = await cli.RunThroughAsync(["sh", "-c", "exec \"$@\" > /dev/full", "sh"], [], arguments);

        Assert.Equal(1, result.Code);
        Assert.Contains("Standard output could not be written", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("exec \"$@\" >/dev/full")]
    [InlineData("exec \"$@\" >&-")]
    public async Task A_standard_output_that_cannot_be_written_cuts_no_repair_off_and_exits_with_1(string shell)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/dev/full: it is Linux's.");
        string[] through = ["sh", "-c", shell, "sh"];

        var result = (await cli.RunThroughAsync(through, [], ["resolve", "demo", "--confirm", "--to", "repaired.jsonl"])).Expect(1);

        Assert.Contains("Standard output could not be written", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Null(await cli.UnfinishedAsync());
        (await cli.RunAsync("scan", "couchdump:repaired.jsonl", "--type", "edit_delete_conflict", "--fail-on", "info")).Expect(0);
    }

    [SkippableFact]
    public async Task A_standard_error_that_cannot_be_written_changes_nothing_of_the_result()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/dev/full: it is Linux's.");
        foreach (var shell in new[] { "exec \"$@\" 2>/dev/full", "exec \"$@\" 2>&-" })
        {
            var result = (await cli.RunThroughAsync(["sh", "-c", shell, "sh"], [], ["scan", "demo", "--output", "jsonl"])).Expect(0);

            Assert.Contains("revision_conflict", result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_error_about_something_with_an_odd_name_does_not_move_the_cursor()
    {
        var result = await cli.RunAsync("scan", "sqlite:none\u001b[2J.db");

        Assert.Equal(1, result.Code);
        Assert.Contains("none\\u001b[2J.db", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Error);
    }
}
