using System.Text.Json;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Cli.Tests;

public sealed class RepairTests : IDisposable
{
    private readonly CliFolder cli = new();

    public void Dispose() => cli.Dispose();

    [Fact]
    public async Task Plan_repair_and_undo_lead_back_to_the_same_bytes()
    {
        var before = cli.Sha256("demo.jsonl");
        var plan = (await cli.RunAsync("plan", "--output", "json")).Expect(0).Json;
        var people = plan.GetProperty("operations").EnumerateArray().Count(operation => operation.GetProperty("needs_review").GetBoolean());

        string[] repair = ["repair", "--plan", Text(plan, "id"), "--confirm", "--to", "repaired.jsonl", "--output", "json"];
        var repaired = (await cli.RunAsync(repair)).Expect(0).Json;
        Assert.Equal("completed", Text(repaired, "status"));
        Assert.Equal(people, repaired.GetProperty("outcomes").GetProperty("needs_review").GetInt32());
        Assert.Equal(plan.GetProperty("operations").GetArrayLength(), repaired.GetProperty("results").GetArrayLength());

        Assert.Equal(people, (await cli.RunAsync("scan", "repaired", "--output", "jsonl")).Expect(0).Lines.Length);

        (await cli.RunAsync("undo", Text(repaired, "execution_id"), "--confirm", "--to", "restored.jsonl")).Expect(0);
        Assert.Equal(before, cli.Sha256("restored.jsonl"));
        Assert.Equal(before, cli.Sha256("demo.jsonl"));
    }

    [SkippableFact]
    public async Task A_dump_repair_that_was_killed_is_told_of_and_gone_on_with_or_given_up_and_leaves_no_file()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGKILL: Windows has no such signal.");
        using var many = new CliFolder(20_000);
        var plan = Text((await many.RunAsync("plan", "--output", "json")).Expect(0).Json, "id");
        string[] HalfWritten() => Directory.GetFiles(many.Path, "*.tmp");
        string[] Command(string to) => ["repair", "--plan", plan, "--confirm", "--to", to];
        await many.KillWhenAsync(() => HalfWritten().Length > 0, [], Command("resumed.jsonl"));
        var execution = (await many.UnfinishedAsync())!;
        Assert.Single(HalfWritten());

        var goOn = $"integrity repair --resume {execution} --confirm";
        Assert.Contains(goOn, (await many.RunAsync("scan")).Expect(0).Error, StringComparison.Ordinal);
        Assert.Contains(goOn, (await many.RunAsync("reports", "show", execution)).Expect(0).Error, StringComparison.Ordinal);
        Assert.Contains("nothing to take back", (await many.RunAsync("undo", execution, "--confirm")).Expect(4).Error, StringComparison.Ordinal);

        (await many.RunAsync(Command("anew.jsonl"))).Expect(0);
        Assert.Empty(HalfWritten());
        Assert.DoesNotContain(goOn, (await many.RunAsync("scan")).Expect(0).Error, StringComparison.Ordinal);

        await many.KillWhenAsync(() => HalfWritten().Length > 0, [], "repair", "--resume", execution, "--confirm");
        (await many.RunAsync("repair", "--resume", execution, "--confirm")).Expect(0);
        Assert.Empty(HalfWritten());
        Assert.Equal(many.Sha256("anew.jsonl"), many.Sha256("resumed.jsonl"));
    }

    [Fact]
    public async Task When_there_is_nothing_to_resolve_every_form_of_output_says_so_in_its_way()
    {
        Assert.Equal("", (await cli.RunAsync("resolve", "--subject", "none")).Expect(0).Output);
        Assert.Equal("", (await cli.RunAsync("resolve", "--subject", "none", "--output", "jsonl")).Expect(0).Output);
        var document = (await cli.RunAsync("resolve", "--subject", "none", "--output", "json")).Expect(0).Json;
        Assert.Equal(0, document.GetProperty("results").GetArrayLength());
        Assert.True(document.GetProperty("dry_run").GetBoolean());
    }

    [Fact]
    public async Task Resolve_takes_the_issues_of_an_earlier_scan_instead_of_scanning_again()
    {
        var issue = (await cli.RunAsync("scan", "--subject", ".", "--output", "jsonl")).Expect(0).JsonLines.Single();
        var scan = Text(issue, "scan_id");

        var both = (await cli.RunAsync("resolve", "demo", "--scan", scan)).Expect(2);
        Assert.Contains("not both", both.Error, StringComparison.Ordinal);

        var results = (await cli.RunAsync("resolve", "--scan", scan, "--confirm", "--to", "repaired.jsonl", "--output", "jsonl")).Expect(0).JsonLines;
        Assert.Equal(".", Text(results.Single(), "subject"));
        Assert.Single((await cli.RunAsync("reports", "list", "--output", "json")).Expect(0).Json.GetProperty("scans").EnumerateArray());
    }

    [Fact]
    public async Task Without_confirm_a_repair_shows_differences_of_fields_and_writes_nothing()
    {
        var plan = (await cli.RunAsync("plan", "--subject", ".", "--output", "json")).Expect(0).Json;
        var files = Directory.GetFiles(cli.Path).Order().ToArray();

        var result = (await cli.RunAsync("repair", "--plan", Text(plan, "id"))).Expect(0);

        Assert.Matches(@"priority: ""medium"" → ""high""|status: ""planned"" → ""done""", result.Output);
        Assert.Contains("nothing was changed", result.Error, StringComparison.Ordinal);
        Assert.Equal(files, Directory.GetFiles(cli.Path).Order().ToArray());
    }

    [Fact]
    public async Task A_dump_without_a_new_file_is_a_usage_error_that_names_one()
    {
        var plan = (await cli.RunAsync("plan", "--output", "json")).Expect(0).Json;

        var result = (await cli.RunAsync("repair", "--plan", Text(plan, "id"), "--confirm")).Expect(2);

        Assert.Contains("--to, for example demo-repaired.jsonl", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_file_changed_by_hand_is_refused_until_its_changes_are_accepted()
    {
        var plan = (await cli.RunAsync("plan", "--subject", ".", "--to", "plan.json", "--output", "json")).Expect(0).Json;
        var text = await File.ReadAllTextAsync(cli.At("plan.json"));
        await File.WriteAllTextAsync(cli.At("plan.json"), text.Replace("\"risk\": \"low\"", "\"risk\": \"high\"", StringComparison.Ordinal));

        var refused = (await cli.RunAsync("repair", "--plan", "plan.json")).Expect(4);
        Assert.Contains("PlanChanged", refused.Error, StringComparison.Ordinal);
        (await cli.RunAsync("plans", "import", "plan.json")).Expect(4);

        var accepted = (await cli.RunAsync("plans", "import", "plan.json", "--accept-changes")).Expect(0).Lines.Single();
        Assert.NotEqual(Text(plan, "id"), accepted);
        Assert.Equal(Text(plan, "id"), Text((await cli.RunAsync("plans", "show", accepted, "--output", "json")).Expect(0).Json, "derived_from"));
    }

    [Fact]
    public async Task A_dry_run_of_a_plan_file_or_an_undo_leaves_the_ledger_as_it_was_and_names_the_command_that_does_it()
    {
        (await cli.RunAsync("plan", "--to", "plan.json")).Expect(0);
        Assert.Contains("Name another, or write over it with --overwrite.", (await cli.RunAsync("plan", "--to", "plan.json")).Expect(2).Error, StringComparison.Ordinal);
        (await cli.RunAsync("plan", "--to", "plan.json", "--overwrite")).Expect(0);
        var execution = await ResolveAsync();
        var before = (await cli.RunAsync("audit", "show", "--limit", "100000", "--output", "jsonl")).Expect(0).Output;

        var undo = (await cli.RunAsync("undo", execution)).Expect(0);
        Assert.Contains($"integrity undo {execution} --to repaired-restored.jsonl --confirm", undo.Error, StringComparison.Ordinal);
        (await cli.RunAsync("undo", execution, "--output", "json")).Expect(0);
        Assert.Equal(before, (await cli.RunAsync("audit", "show", "--limit", "100000", "--output", "jsonl")).Expect(0).Output);

        var text = await File.ReadAllTextAsync(cli.At("plan.json"));
        await File.WriteAllTextAsync(cli.At("plan.json"), text.Replace("\"risk\": \"low\"", "\"risk\": \"high\"", StringComparison.Ordinal));
        var repair = (await cli.RunAsync("repair", "--plan", "plan.json", "--accept-changes", "--to", "mine.jsonl")).Expect(0);
        Assert.Contains("integrity repair --plan plan.json --accept-changes --to mine.jsonl --confirm", repair.Error, StringComparison.Ordinal);
        Assert.Equal(before, (await cli.RunAsync("audit", "show", "--limit", "100000", "--output", "jsonl")).Expect(0).Output);
    }

    [Fact]
    public async Task A_run_that_applied_nothing_has_nothing_to_take_back()
    {
        var nothing = (await cli.RunAsync("resolve", "--strategy", "manual", "--confirm", "--to", "copy.jsonl")).Expect(0);
        Assert.DoesNotContain("To take it back", nothing.Error, StringComparison.Ordinal);
        var last = (await cli.RunAsync("reports", "list", "--output", "json")).Expect(0).Json.GetProperty("executions")[0];
        Assert.DoesNotContain("To take it back", (await cli.RunAsync("reports", "show", Text(last, "id"))).Expect(0).Error, StringComparison.Ordinal);

        var something = (await cli.RunAsync("resolve", "--confirm", "--to", "repaired.jsonl")).Expect(0);
        Assert.Contains("To take it back: integrity undo exec-", something.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_earlier_scan_is_planned_with_the_filters_of_a_new_one()
    {
        var issues = (await cli.RunAsync("scan", "--output", "jsonl")).Expect(0).JsonLines;
        string[] earlier = ["plan", "--scan", Text(issues[0], "scan_id"), "--output", "json"];

        foreach (var filter in new string[][] { ["--type", "edit_delete_conflict"], ["--document-type", "Software*"], ["--min-severity", "high"] })
        {
            var subjects = Subjects((await cli.RunAsync([.. earlier, .. filter])).Expect(0).Json);
            Assert.NotEmpty(subjects);
            Assert.True(subjects.Count < issues.Length);
            Assert.Equal(subjects, Subjects((await cli.RunAsync(["plan", "--output", "json", .. filter])).Expect(0).Json));
        }

        static SortedSet<string> Subjects(JsonElement plan) =>
            new(plan.GetProperty("operations").EnumerateArray().Select(operation => Text(operation, "subject")), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_person_decides_one_issue_by_naming_the_leaf_to_keep()
    {
        var scan = (await cli.RunAsync("scan", "--output", "jsonl")).Expect(0);
        var issue = scan.JsonLines.First(line => !line.GetProperty("can_auto_resolve").GetBoolean());
        var keep = Text(issue.GetProperty("evidence").GetProperty("leaves")[1], "revision");

        string[] decide = ["plan", "--scan", Text(issue, "scan_id"), "--subject", Text(issue, "subject"), "--keep-revision", keep];
        var plan = (await cli.RunAsync([.. decide, "--output", "json"])).Expect(0).Json;

        var operation = Assert.Single(plan.GetProperty("operations").EnumerateArray());
        Assert.False(operation.GetProperty("needs_review").GetBoolean());
        Assert.Equal(keep, Text(operation.GetProperty("action"), "keep_revision"));
        Assert.NotEmpty(operation.GetProperty("discarded").EnumerateArray());
    }

    [Fact]
    public async Task A_revision_for_several_issues_is_a_usage_error() =>
        (await cli.RunAsync("plan", "--keep-revision", "1-abc")).Expect(2);

    [Fact]
    public async Task A_risk_above_the_bound_is_left_to_a_person()
    {
        var plan = (await cli.RunAsync("plan", "--max-risk", "low", "--output", "json")).Expect(0).Json;

        Assert.All(plan.GetProperty("operations").EnumerateArray(), operation =>
            Assert.True(operation.GetProperty("needs_review").GetBoolean() || Text(operation, "risk") == "low"));
    }

    [Fact]
    public async Task Resolve_is_a_dry_run_until_confirmed_and_then_plans_and_repairs()
    {
        var dry = (await cli.RunAsync("resolve", "--output", "jsonl")).Expect(0);
        Assert.All(dry.JsonLines, result => Assert.Contains(Text(result, "outcome"), new[] { "would_apply", "needs_review" }));

        var done = (await cli.RunAsync("resolve", "--confirm", "--to", "repaired.jsonl", "--output", "jsonl")).Expect(0);
        Assert.All(done.JsonLines, result => Assert.Contains(Text(result, "outcome"), new[] { "applied", "needs_review" }));
        Assert.True(File.Exists(cli.At("repaired.jsonl")));
    }

    [Fact]
    public async Task A_completed_execution_cannot_be_resumed_and_is_undone_once()
    {
        var execution = await ResolveAsync();

        (await cli.RunAsync("repair", "--resume", execution, "--confirm")).Expect(4);
        (await cli.RunAsync("undo", execution, "--confirm", "--to", "restored.jsonl")).Expect(0);
        var twice = (await cli.RunAsync("undo", execution, "--confirm", "--to", "again.jsonl")).Expect(4);
        Assert.Contains("still stands at " + cli.At("repaired.jsonl"), twice.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_list_and_show_scans_and_executions()
    {
        var execution = await ResolveAsync();

        var list = (await cli.RunAsync("reports", "list", "--output", "json")).Expect(0).Json;
        Assert.Equal(execution, Text(list.GetProperty("executions")[0], "id"));
        var scan = Text(list.GetProperty("scans")[0], "scan_id");

        Assert.Contains("documents", (await cli.RunAsync("reports", "show", scan)).Expect(0).Output, StringComparison.Ordinal);
        Assert.Equal("success", Text((await cli.RunAsync("reports", "show", scan, "--output", "json")).Expect(0).Json, "status"));
        var shown = (await cli.RunAsync("reports", "show", execution, "--output", "json")).Expect(0).Json;
        Assert.Equal("completed", Text(shown.GetProperty("execution"), "status"));
        Assert.Equal(0, shown.GetProperty("pending").GetArrayLength());
        Assert.Contains(execution, (await cli.RunAsync("reports", "list")).Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("completed", (await cli.RunAsync("reports", "show", execution)).Expect(0).Output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_command_that_follows_has_the_login_and_the_ledger_that_this_one_was_given()
    {
        var server = await CouchDbServer.RequireAsync();
        Skip.If(server.Credential is null, "CouchDB: the one that was found asks for no password");
        await File.WriteAllTextAsync(cli.At("pw"), server.Credential!.Password);
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(
            database,
            """{"_id":"d","_rev":"1-aa","v":1,"_revisions":{"start":1,"ids":["aa"]}}""",
            """{"_id":"d","_rev":"1-bb","v":1,"_revisions":{"start":1,"ids":["bb"]}}""");
        string same = $"--ledger other.db --user {server.Credential.UserName} --password-file pw";

        var scan = (await cli.RunAsync(["scan", $"couchdb://{server.Address.Authority}/{database}", .. same.Split(' ')])).Expect(0);
        Assert.Matches($"Next: integrity plan --scan scan-[a-z0-9]+ {same}\n", scan.Error);
        var resolved = (await cli.RunAsync(["resolve", $"couchdb://{server.Address.Authority}/{database}", "--confirm", .. same.Split(' ')])).Expect(0);
        Assert.Matches($"To take it back: integrity undo exec-[a-z0-9]+ {same}\n", resolved.Error);
    }

    private async Task<string> ResolveAsync() =>
        Text((await cli.RunAsync("resolve", "--confirm", "--to", "repaired.jsonl", "--output", "json")).Expect(0).Json, "execution_id");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
