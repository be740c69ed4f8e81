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
        Assert.Contains("Standard output cannot be written", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_command_whose_words_find_no_room_on_standard_error_does_its_work()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs /dev/full");

        (await cli.RunThroughAsync(["sh", "-c", "exec \"$@\" 2> /dev/full", "sh"], [], ["scan", "demo"])).Expect(0);
        Assert.Contains("success", (await cli.RunAsync("reports", "list")).Expect(0).Output, StringComparison.Ordinal);
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
