using System.Text.Json;

namespace IntegrityTools.Cli.Tests;

public sealed class IssuesTests : IDisposable
{
    private readonly CliFolder folder = new(documents: 40);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_a_scan_found_is_listed_by_status_and_filter()
    {
        var found = (await folder.RunAsync("scan", "--output", "jsonl")).Expect(0).JsonLines;

        var known = (await folder.RunAsync("issues", "list", "--output", "jsonl")).Expect(0).JsonLines;
        Assert.Equal(Ids(found).Order(), Ids(known).Order());
        Assert.All(known, issue => Assert.Equal("open", issue.GetProperty("status").GetString()));
        Assert.All(known, issue => Assert.Equal(issue.GetProperty("first_seen").GetString(), issue.GetProperty("last_seen").GetString()));
        Assert.Equal("critical", known[0].GetProperty("severity").GetString());
        Assert.Empty((await folder.RunAsync("issues", "list", "--status", "resolved,Planned", "--output", "jsonl")).Expect(0).Lines);
        var deletes = (await folder.RunAsync("issues", "list", "couchdump:demo.jsonl", "--type", "edit_delete_conflict", "--output", "json")).Expect(0);
        Assert.Equal(found.Count(issue => issue.GetProperty("type").GetString() == "edit_delete_conflict"), deletes.Json.GetProperty("issues").GetArrayLength());
        Assert.Equal(found.Length + 1, (await folder.RunAsync("issues", "list")).Expect(0).Lines.Length);
    }

    [Fact]
    public async Task An_ignored_issue_is_not_shown_not_planned_and_not_counted_by_fail_on_until_it_is_reopened()
    {
        var issue = (await folder.RunAsync("scan", "--output", "jsonl", "--min-severity", "critical")).Expect(0).JsonLines[0];
        var (id, subject) = (issue.GetProperty("id").GetString()!, issue.GetProperty("subject").GetString()!);
        string[] scan = ["scan", "--subject", subject, "--fail-on", "critical", "--output", "jsonl"];
        (await folder.RunAsync(scan)).Expect(3);

        (await folder.RunAsync("issues", "ignore", id, "--reason", "known", "--until", "30d")).Expect(0);
        var quiet = (await folder.RunAsync(scan)).Expect(0);
        Assert.Empty(quiet.Lines);
        Assert.Contains("1 more is ignored: integrity issues list --status ignored", quiet.Error, StringComparison.Ordinal);
        var plan = (await folder.RunAsync("plan", "--subject", subject, "--output", "json")).Expect(0);
        Assert.Equal(JsonValueKind.Null, plan.Json.ValueKind);
        Assert.Contains("1 more is ignored", plan.Error, StringComparison.Ordinal);
        var listed = Assert.Single((await folder.RunAsync("issues", "list", "--status", "ignored", "--output", "jsonl")).Expect(0).JsonLines);
        Assert.Equal((id, "known"), (listed.GetProperty("id").GetString(), listed.GetProperty("reason").GetString()));
        Assert.Contains("known", (await folder.RunAsync("issues", "list", "--status", "ignored")).Expect(0).Output, StringComparison.Ordinal);

        (await folder.RunAsync("issues", "reopen", id)).Expect(0);
        (await folder.RunAsync(scan)).Expect(3);
    }

    [Fact]
    public async Task A_summary_tells_the_commonest_types_and_how_long_scans_took()
    {
        var found = (await folder.RunAsync("scan", "--output", "jsonl")).Expect(0).JsonLines;
        (await folder.RunAsync("scan", "couchdump:missing.jsonl")).Expect(1);

        var summary = (await folder.RunAsync("reports", "summary", "--all-stores", "--since", "1d", "--output", "json")).Expect(0).Json;
        Assert.Equal(found.Length, summary.GetProperty("commonest_types").EnumerateArray().Sum(type => type.GetProperty("count").GetInt32()));
        Assert.Equal(1, summary.GetProperty("detection_ms").GetProperty("count").GetInt32());
        Assert.Equal("scan", summary.GetProperty("error_patterns")[0].GetProperty("source").GetString());
        Assert.Single((await folder.RunAsync("reports", "list", "--output", "json")).Expect(0).Json.GetProperty("scans").EnumerateArray());
        Assert.Equal(2, (await folder.RunAsync("reports", "list", "--all-stores", "--output", "json")).Expect(0).Json.GetProperty("scans").GetArrayLength());
        (await folder.RunAsync("plans", "list", "demo", "--all-stores")).Expect(2);
        var text = (await folder.RunAsync("reports", "summary", "couchdump:demo.jsonl")).Expect(0).Output;
        Assert.Contains("COMMONEST TYPES", text, StringComparison.Ordinal);
        Assert.Contains("detection   p50", text, StringComparison.Ordinal);
        Assert.DoesNotContain("WHY THINGS FAILED", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_exits_with_3_when_it_is_as_bad_as_asked()
    {
        var before = (await folder.RunAsync("health", "--output", "json")).Expect(0).Json;
        Assert.Equal("degraded", before.GetProperty("status").GetString());
        Assert.False(before.TryGetProperty("conflict_count", out _));
        (await folder.RunAsync("health", "--fail-on", "degraded")).Expect(3);

        var found = (await folder.RunAsync("scan", "--type", "conflicts", "--output", "jsonl")).Expect(0).JsonLines;
        var after = (await folder.RunAsync("health", "--output", "json")).Expect(3).Json;
        Assert.Equal(found.Length, after.GetProperty("conflict_count").GetInt32());
        var full = after.TryGetProperty("disk_usage", out var usage) ? usage.GetDouble() switch { > 0.9 => 20, > 0.8 => 10, _ => 0 } : 0;
        Assert.Equal(Math.Max(0, 100 - (3 * found.Length) - full), after.GetProperty("health_score").GetInt32());
        var text = (await folder.RunAsync("health")).Expect(3);
        Assert.StartsWith("unhealthy, score ", text.Output, StringComparison.Ordinal);
        Assert.Contains("invalid     not known", text.Output, StringComparison.Ordinal);
        Assert.Contains("integrity plan", text.Error, StringComparison.Ordinal);
        (await folder.RunAsync("health", "couchdump:missing.jsonl")).Expect(1);
    }

    [Theory]
    [InlineData(2, "issues", "ignore", "issue-0", "--until", "30d")]
    [InlineData(2, "issues", "ignore", "issue-0", "--reason", "x", "--until", "someday")]
    [InlineData(2, "issues", "ignore", "issue-0", "--reason", "x", "--until", "2020-01-01")]
    [InlineData(1, "issues", "ignore", "issue-0", "--reason", "x", "--until", "2999-01-01")]
    [InlineData(1, "issues", "reopen", "issue-0")]
    [InlineData(2, "issues", "list", "--status", "closed")]
    public async Task What_is_wrong_is_named(int code, params string[] arguments) =>
        Assert.NotEmpty((await folder.RunAsync(arguments)).Expect(code).Error);

    private static IEnumerable<string?> Ids(JsonElement[] issues) => issues.Select(issue => issue.GetProperty("id").GetString());
}
