using System.Text.Json;

namespace IntegrityTools.Cli.Tests;

public sealed class ScanTests : IClassFixture<ScanTests.Folder>
{
    private static readonly string[] Members =
        ["id", "type", "severity", "subject", "document_type", "message", "can_auto_resolve", "evidence", "store", "scan_id", "detected_at"];

    private readonly Folder folder;

    public ScanTests(Folder folder) => this.folder = folder;

    [Fact]
    public async Task Jsonl_is_one_issue_a_line_with_exactly_the_promised_members()
    {
        var result = (await folder.Cli.RunAsync("scan", "--output", "jsonl")).Expect(0);

        Assert.NotEmpty(result.JsonLines);
        foreach (var issue in result.JsonLines)
        {
            var names = issue.EnumerateObject().Select(member => member.Name).ToHashSet();
            Assert.Empty(names.Except(Members));
            Assert.Empty(Members.Except(names).Except(["document_type"]));
        }
    }

    [Fact]
    public async Task Data_goes_to_standard_output_and_words_to_standard_error()
    {
        var result = (await folder.Cli.RunAsync("scan", "--output", "jsonl")).Expect(0);

        Assert.All(result.Lines, line => Assert.StartsWith("{", line, StringComparison.Ordinal));
        var scan = result.JsonLines[0].GetProperty("scan_id").GetString();
        Assert.Contains($"Next: integrity plan --scan {scan}", result.Error, StringComparison.Ordinal);
        Assert.Contains($"{result.Lines.Length} issues", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_types_one_line_says_what_was_not_looked_for_and_with_all_none_does()
    {
        const string line = "Not looked for: duplicates, validation; --type all looks for everything.";

        Assert.Contains(line, (await folder.Cli.RunAsync("scan")).Expect(0).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Not looked for", (await folder.Cli.RunAsync("scan", "--type", "all", "--quiet")).Expect(0).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--type all", (await folder.Cli.RunAsync("scan", "--type", "all")).Expect(0).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incremental_scan_of_what_cannot_tell_changes_says_so_and_the_report_keeps_it()
    {
        var result = (await folder.Cli.RunAsync("scan", "--incremental", "--output", "json")).Expect(0);

        Assert.Contains("a dump does not tell what was changed", result.Error, StringComparison.Ordinal);
        var report = (await folder.Cli.RunAsync("reports", "show", result.Json.GetProperty("scan").GetProperty("scan_id").GetString()!)).Expect(0);
        Assert.Contains("a dump does not tell what was changed", report.Output, StringComparison.Ordinal);
        Assert.Contains("missing_field", report.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quiet_leaves_standard_error_empty()
    {
        var result = (await folder.Cli.RunAsync("scan", "--quiet")).Expect(0);

        Assert.Empty(result.Error);
        Assert.NotEmpty(result.Output);
    }

    [Fact]
    public async Task Json_is_one_document_with_the_issues_and_the_scan()
    {
        var result = (await folder.Cli.RunAsync("scan", "--output", "json")).Expect(0);

        var count = result.Json.GetProperty("issues").GetArrayLength();
        Assert.Equal(count, result.Json.GetProperty("scan").GetProperty("issues").GetInt32());
        Assert.Equal("success", result.Json.GetProperty("scan").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Csv_quotes_what_holds_a_comma_or_a_quote()
    {
        var result = (await folder.Cli.RunAsync("scan", "--output", "csv", "--subject", "quote\"and\\slash")).Expect(0);

        Assert.StartsWith("id,type,severity,subject,", result.Output, StringComparison.Ordinal);
        Assert.Contains(",\"quote\"\"and\\slash\",task,true,2,\"", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_on_a_pipe_has_a_row_an_issue_no_colours_and_no_shortened_text()
    {
        var result = (await folder.Cli.RunAsync("scan")).Expect(0);

        Assert.StartsWith("SEVERITY SUBJECT", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Output);
        Assert.DoesNotContain('…', result.Output);
        var lines = (await folder.Cli.RunAsync("scan", "--output", "jsonl")).Expect(0).Lines;
        Assert.Equal(lines.Length + 1, result.Lines.Length);
    }

    [Fact]
    public async Task An_id_that_could_move_the_cursor_is_shown_as_an_escape()
    {
        var result = (await folder.Cli.RunAsync("scan", "--subject", "tab\there")).Expect(0);

        Assert.Contains("tab\\u0009here", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("critical", 3)]
    [InlineData("Medium", 3)]
    public async Task Fail_on_exits_with_3_when_an_issue_is_as_severe(string severity, int code) =>
        (await folder.Cli.RunAsync("scan", "--fail-on", severity)).Expect(code);

    [Fact]
    public async Task Fail_on_exits_with_0_when_no_issue_is_as_severe() =>
        (await folder.Cli.RunAsync("scan", "--fail-on", "critical", "--type", "edit_delete_conflict")).Expect(0);

    [Fact]
    public async Task Filters_leave_what_was_asked_for()
    {
        string[] filters = ["--type", "conflicts,storage", "--document-type", "Software*", "--min-severity", "high"];
        var result = (await folder.Cli.RunAsync(["scan", "--output", "jsonl", .. filters])).Expect(0);

        Assert.NotEmpty(result.JsonLines);
        Assert.All(result.JsonLines, issue =>
        {
            Assert.Equal("SoftwareApplication", issue.GetProperty("document_type").GetString());
            Assert.Contains(issue.GetProperty("severity").GetString(), new[] { "high", "critical" });
        });
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("two words")]
    [InlineData("a/b/c")]
    [InlineData("1+1=2")]
    [InlineData("%2F..%2F")]
    [InlineData("日本語")]
    [InlineData("_design/tasks")]
    public async Task An_odd_id_comes_out_as_it_is(string id)
    {
        var result = (await folder.Cli.RunAsync("scan", "--output", "jsonl", "--subject", id)).Expect(0);

        Assert.Equal(id, Assert.Single(result.JsonLines).GetProperty("subject").GetString());
    }

    [Fact]
    public async Task A_scan_leaves_the_dump_as_it_was()
    {
        var before = folder.Cli.Sha256("demo.jsonl");

        (await folder.Cli.RunAsync("scan")).Expect(0);

        Assert.Equal(before, folder.Cli.Sha256("demo.jsonl"));
    }

    [Fact]
    public async Task Evidence_names_every_leaf()
    {
        var issue = Assert.Single((await folder.Cli.RunAsync("scan", "--output", "jsonl", "--subject", ".")).Expect(0).JsonLines);

        var evidence = issue.GetProperty("evidence");
        Assert.Equal(2, evidence.GetProperty("leaves").GetArrayLength());
        Assert.Equal(JsonValueKind.True, evidence.GetProperty("ancestor_available").ValueKind);
    }

    public sealed class Folder : IDisposable
    {
        public CliFolder Cli { get; } = new();

        public void Dispose() => Cli.Dispose();
    }
}
