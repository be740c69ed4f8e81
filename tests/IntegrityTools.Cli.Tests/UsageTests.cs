namespace IntegrityTools.Cli.Tests;

public sealed class UsageTests : IDisposable
{
    private readonly CliFolder cli = new(100);

    public static TheoryData<string[]> Verbs =>
    [
        ["scan"], ["plan"], ["repair"], ["undo"], ["resolve"], ["reports", "list"], ["reports", "show"], ["audit", "verify"], ["audit", "show"],
        ["plans", "list"], ["plans", "show"], ["plans", "import"], ["salvage"], ["demo"], ["version"],
    ];

    public void Dispose() => cli.Dispose();

    [Theory]
    [InlineData("scan", "--min-severity", "hgh", "medium")]
    [InlineData("scan", "--output", "xml", "jsonl")]
    [InlineData("scan", "--bogus", null, "--bogus")]
    [InlineData("scan", "--min-severty", null, "Did you mean '--min-severity'?")]
    [InlineData("plan", "--max-rsk=low", null, "Did you mean '--max-risk'?")]
    [InlineData("resolve", "--ledgr", null, "Did you mean '--ledger'?")]
    [InlineData("scan", "nowhere", null, "demo, repaired")]
    [InlineData("scan", "--type", "conflict", "conflicts")]
    [InlineData("scna", null, null, "scan")]
    [InlineData("repair", null, null, "--plan ID|FILE or --resume ID")]
    [InlineData("plan", "--strategy", "newest", "latest_wins")]
    [InlineData("plan", "--document", "absent.json", "JSON object")]
    [InlineData("scan", "--user", "eve", "INTEGRITY_PASSWORD")]
    [InlineData("scan", "--config", "absent.yaml", "absent.yaml")]
    public async Task What_is_wrong_is_told_with_what_is_right_and_exits_with_2(string verb, string? option, string? value, string said)
    {
        var result = (await cli.RunAsync([.. new[] { verb, option, value }.OfType<string>()])).Expect(2);

        Assert.Empty(result.Output);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("resolve", "", "--confirm")]
    [InlineData("scan", "demo", "--type", "")]
    [InlineData("scan", "demo", "--type=")]
    [InlineData("resolve", "demo", "--subject", "", "--confirm")]
    [InlineData("restore", "folder", "--to", "")]
    public async Task An_argument_from_a_variable_that_was_never_set_means_neither_the_default_store_nor_everything(params string[] arguments)
    {
        var result = (await cli.RunAsync(arguments)).Expect(2);

        Assert.Contains("An argument is empty", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(cli.At("ledger.db")));
    }

    [Fact]
    public async Task A_password_in_an_address_is_refused_and_never_shown()
    {
        var result = (await cli.RunAsync("scan", "couchdb://eve:sesame@localhost:5984/db")).Expect(2);

        Assert.Contains("PasswordInAddress", result.Error, StringComparison.Ordinal);
        Assert.Contains("INTEGRITY_PASSWORD", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_of_the_configuration_is_told_with_its_line()
    {
        await File.WriteAllTextAsync(cli.At("integrity.yaml"), "stores:\n  demo: couchdump:demo.jsonl\nledgre:\n  path: x\n");

        var result = (await cli.RunAsync("scan")).Expect(2);

        Assert.Contains("integrity.yaml:3:1", result.Error, StringComparison.Ordinal);
        Assert.Contains("ledger", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_the_ledger_does_not_know_exits_with_1_and_says_how_to_list_them()
    {
        var result = (await cli.RunAsync("repair", "--plan", "plan-none")).Expect(1);

        Assert.Contains("integrity plans list", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dump_that_is_not_there_exits_with_1()
    {
        var result = (await cli.RunAsync("scan", "couchdump:absent.jsonl")).Expect(1);

        Assert.Contains("absent.jsonl", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task The_help_of_every_verb_shows_an_example_and_the_exit_codes(string[] verb)
    {
        var result = (await cli.RunAsync([.. verb, "--help"])).Expect(0);

        Assert.Contains("Example", result.Output, StringComparison.Ordinal);
        Assert.Contains($"  integrity {string.Join(' ', verb)}", result.Output, StringComparison.Ordinal);
        Assert.Contains("130  cancelled", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("help", "--help")]
    [InlineData("help backup list", "backup list --help")]
    [InlineData("help scan", "scan --help")]
    [InlineData("help help", "help --help")]
    public async Task Help_as_a_verb_failed_and_shows_what_the_option_shows(string asked, string same) => Assert.Equal(
        (await cli.RunAsync(same.Split(' '))).Expect(0).Output,
        (await cli.RunAsync(asked.Split(' '))).Expect(0).Output);

    [Theory]
    [InlineData("help scna")]
    [InlineData("help backup liste")]
    public async Task Help_of_what_is_no_verb_says_so(string asked) =>
        Assert.Contains("is no verb", (await cli.RunAsync(asked.Split(' '))).Expect(2).Error, StringComparison.Ordinal);

    [Fact]
    public async Task The_help_of_health_tells_the_bounds_of_its_checks()
    {
        var help = (await cli.RunAsync("health", "--help")).Expect(0).Output;

        Assert.Contains("Degraded:  a score below monitoring.alert_threshold (80)", help, StringComparison.Ordinal);
        Assert.Contains("Unhealthy: a score below 50", help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_tells_where_it_looks_for_things()
    {
        var version = (await cli.RunAsync("version", "--output", "json")).Expect(0).Json;

        Assert.Matches(@"^\d+\.\d+\.\d+$", version.GetProperty("version").GetString());
        Assert.Equal(cli.At("ledger.db"), version.GetProperty("ledger").GetString());
        Assert.Equal(cli.At("integrity.yaml"), version.GetProperty("configuration").GetString());
    }
}
