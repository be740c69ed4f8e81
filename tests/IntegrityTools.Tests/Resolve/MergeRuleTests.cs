using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Resolve;

/// <summary>Every rule as a person configures it, from integrity.yaml to the plan of a dump.</summary>
public class MergeRuleTests
{
    private const string Old = "\"updatedAt\":\"2026-01-01T00:00:00Z\"";
    private const string Late = "\"updatedAt\":\"2026-01-03T00:00:00Z\"";
    private const string Early = "\"updatedAt\":\"2026-01-02T00:00:00Z\"";

    // Of the two leaves the second wins: 2-c. The last column is what the field holds after the repair; null: a person decides.
    [Theory]
    [InlineData("rule: max", "1", "7", "6", "7")]
    [InlineData("rule: max", "\"a\"", "\"b\"", "\"c\"", "\"c\"")]
    [InlineData("rule: min", "5", "7", "6", "6")]
    [InlineData("rule: sum", "5", "7", "6", "8")]
    [InlineData("rule: counter", "5", "7", "2", "4")]
    [InlineData("rule: latest", "1", "2", "3", "2")]
    [InlineData("keep: winner", "1", "2", "3", "3")]
    [InlineData("prefer: [done, running]", "\"new\"", "\"done\"", "\"running\"", "\"done\"")]
    [InlineData("prefer: [done, running]", "\"new\"", "\"odd\"", "\"other\"", null)]
    [InlineData("rule: manual", "1", "2", "3", null)]
    [InlineData("rule: manual", "1", "2", "1", "2")]
    [InlineData("rule: union", "[1]", "[1,{\"k\":2}]", "[1,3]", "[1,3,{\"k\":2}]")]
    [InlineData("rule: whole", "[1]", "[1,2]", "[1,3]", null)]
    [InlineData("rule: whole", "{\"a\":1,\"b\":1}", "{\"a\":2,\"b\":1}", "{\"a\":1,\"b\":2}", null)]
    [InlineData("key: n", "[{\"n\":1,\"v\":1},{\"n\":2,\"v\":1}]", "[{\"n\":1,\"v\":2},{\"n\":2,\"v\":1}]", "[{\"n\":1,\"v\":1},{\"n\":3}]", "[{\"n\":1,\"v\":2},{\"n\":3}]")]
    [InlineData("key: n", "[{\"n\":1,\"v\":1}]", "[{\"n\":1,\"v\":2}]", "[{\"n\":1,\"v\":3}]", null)]
    [InlineData("key: n", "[{\"n\":1}]", "[{\"n\":1},{\"n\":1}]", "[{\"n\":1},{\"n\":2}]", null)]
    [InlineData("path: other, rule: max", "[1,2,3]", "[3,1,2]", "[1,2,3,4]", "[3,1,2,4]")]
    [InlineData("path: other, rule: max", "[1,2,3]", "[3,1,2]", "[2,1,3]", null)]
    [InlineData("path: other, rule: max", "[1,2,3]", "[1,3]", "[1,2,3,4]", "[1,3,4]")]
    [InlineData("path: other, rule: max", "[{\"a\":1}]", "[{\"a\":2}]", "[{\"a\":1},{\"a\":3}]", null)]
    [InlineData("path: other, rule: max", "[1,1]", "[1,1,2]", "[1,1,3]", null)]
    public async Task A_configured_rule_decides_a_collision_or_leaves_it_to_a_person(string rule, string before, string losing, string winning, string? expected)
    {
        var operation = await PlanAsync(
            rule,
            ServerScanTests.Doc("d", 1, ["a"], $"\"v\":{before},\"x\":1,{Old}"),
            ServerScanTests.Doc("d", 2, ["b", "a"], $"\"v\":{losing},\"x\":2,{Late}"),
            ServerScanTests.Doc("d", 2, ["c", "a"], $"\"v\":{winning},\"x\":1,{Early}"));

        AssertDecided(operation, expected);
    }

    [Theory]
    [InlineData("rule: counter", "7", "7", "7")]
    [InlineData("rule: counter", "7", "6", null)]
    [InlineData("rule: sum", "7", "6", "13")]
    [InlineData("rule: sum", "7", "7", "7")]
    [InlineData("rule: max", "7", "6", "7")]
    [InlineData("rule: union", "[1,2]", "[2,3]", "[2,3,1]")]
    [InlineData("key: n", "[{\"n\":1}]", "[{\"n\":2}]", "[{\"n\":2},{\"n\":1}]")]
    [InlineData("path: other, rule: max", "7", "7", "7")]
    [InlineData("path: other, rule: max", "7", "6", null)]
    [InlineData("path: other, rule: max", "[1]", "[2]", null)]
    [InlineData("path: other, rule: max", "{\"a\":1}", "{\"b\":2}", "{\"b\":2,\"a\":1}")]
    public async Task Without_an_ancestor_equal_and_absent_fields_merge_and_others_need_a_rule(string rule, string losing, string winning, string? expected)
    {
        var operation = await PlanAsync(
            rule,
            ServerScanTests.Doc("d", 1, ["b"], $"\"v\":{losing},\"x\":2"),
            ServerScanTests.Doc("d", 1, ["c"], $"\"v\":{winning},\"y\":1"));

        AssertDecided(operation, expected);
        Assert.DoesNotContain(operation.Discarded, edit => losing == winning);
    }

    [Fact]
    public async Task Without_an_ancestor_an_equal_counter_is_no_edit_that_a_kept_leaf_discards()
    {
        var operation = await PlanAsync(
            "rule: counter",
            ServerScanTests.Doc("d", 1, ["b"], $"\"v\":7,{Early}"),
            ServerScanTests.Doc("d", 2, ["c", "a"], $"\"v\":7,\"y\":1,{Late}"));

        Assert.Empty(operation.Discarded);
        Assert.Equal(Risk.Low, operation.Risk);
        Assert.Equal(Strategy.LatestWins, operation.Strategy);
    }

    [Fact]
    public async Task A_name_that_stands_twice_is_one_thing_that_one_side_may_change_and_not_both()
    {
        string[] edits = ["\"k\":1,\"k\":3,\"x\":1", "\"x\":2,\"k\":1,\"k\":2"];
        var taken = await PlanAsync(
            "rule: max", ServerScanTests.Doc("d", 1, ["a"], "\"k\":1,\"k\":2,\"x\":1"), ServerScanTests.Doc("d", 2, ["b", "a"], edits[0]), ServerScanTests.Doc("d", 2, ["c", "a"], edits[1]));
        Assert.Equal("""{"x":2,"k":1,"k":3}""", taken.NewValue!.Value.ToString());

        var collided = await PlanAsync(
            "rule: max", ServerScanTests.Doc("d", 1, ["a"], "\"k\":1,\"k\":2"), ServerScanTests.Doc("d", 2, ["b", "a"], edits[0]), ServerScanTests.Doc("d", 2, ["c", "a"], "\"k\":4"));
        Assert.Equal(["k"], collided.UndecidedFields);
    }

    [Fact]
    public async Task A_document_type_has_a_strategy_and_rules_of_its_own()
    {
        const string Configuration =
            """
            resolution:
              default_strategy: manual
              conflict_strategies:
                Task: highest_rev
                Note: merge
              rules:
                - { path: v, rule: max, document_type: Note }
            """;
        await using var place = new Workplace(Configuration);
        var dump = place.PathOf("dump.jsonl");
        await File.WriteAllLinesAsync(dump, new[] { "Task", "Note", "Other" }.SelectMany(type => new[]
        {
            $"[{ServerScanTests.Doc(type, 1, ["a"], $"\"type\":\"{type}\",\"v\":1")}]",
            $"[{ServerScanTests.Doc(type, 2, ["b", "a"], $"\"type\":\"{type}\",\"v\":3")}]",
            $"[{ServerScanTests.Doc(type, 2, ["c", "a"], $"\"type\":\"{type}\",\"v\":2")}]",
        }));

        var plan = (await place.PlanAsync(await place.ScanAsync("couchdump:" + dump))).Operations.ToDictionary(operation => operation.Subject);

        Assert.Equal((Strategy.HighestRev, Risk.High), (plan["Task"].Strategy, plan["Task"].Risk));
        Assert.Equal((Strategy.Merge, Risk.Medium), (plan["Note"].Strategy, plan["Note"].Risk));
        Assert.Contains("\"v\":3", plan["Note"].NewValue!.Value.ToString(), StringComparison.Ordinal);
        Assert.True(plan["Other"].NeedsReview);
    }

    [Theory]
    [InlineData("max_severity: medium", 2)]
    [InlineData("max_severity: low", 0)]
    [InlineData("max_severity: high", 3)]
    [InlineData("max_severity: critical", 4)]
    [InlineData("max_risk: low", 3)]
    [InlineData("max_risk: high", 4)]
    public async Task Bounds_of_the_configuration_leave_what_is_above_them_to_a_person(string bound, int automatic)
    {
        // Two leaves are medium, three high, five critical; a field of a tier raises; b of the five is decided by a rule: a medium risk.
        await using var place = new Workplace($"resolution:\n  {bound}\n  rules:\n    - {{ path: b, rule: max }}\n  field_tiers:\n    high: [t]\n");
        var dump = place.PathOf("dump.jsonl");
        await File.WriteAllLinesAsync(dump, new[] { ("two", 2, "f"), ("again", 2, "g"), ("tier", 2, "t"), ("five", 5, "b") }.SelectMany(document => Enumerable
            .Range(0, document.Item2)
            .Select(leaf => $"[{ServerScanTests.Doc(document.Item1, 2, [$"b{leaf}", "a"], $"\"x{leaf}\":1,\"{(leaf == 0 || document.Item3 == "b" ? document.Item3 : "none")}\":{(document.Item3 == "b" ? leaf : 1)}")}]")
            .Prepend($"[{ServerScanTests.Doc(document.Item1, 1, ["a"], "\"y\":1")}]")));
        var issues = await place.ScanAsync("couchdump:" + dump);
        Assert.Equal(
            ["again Medium", "five Critical", "tier High", "two Medium"],
            issues.Select(issue => $"{issue.Subject} {issue.Severity}").Order(StringComparer.Ordinal));

        var plan = await place.PlanAsync(issues);

        Assert.Equal(automatic, plan.Automatic);
        Assert.All(plan.Operations.Where(operation => operation.NeedsReview), operation => Assert.Contains("above the bound", operation.Reason, StringComparison.Ordinal));
    }

    private static async Task<RepairOperation> PlanAsync(string rule, params string[] revisions)
    {
        var line = rule.StartsWith("path:", StringComparison.Ordinal) ? rule : $"path: v, {rule}";
        await using var place = new Workplace($"resolution:\n  rules:\n    - {{ {line} }}\n");
        var dump = place.PathOf("dump.jsonl");
        await File.WriteAllLinesAsync(dump, revisions.Select(revision => $"[{revision}]"));
        return Assert.Single((await place.PlanAsync(await place.ScanAsync("couchdump:" + dump))).Operations);
    }

    private static void AssertDecided(RepairOperation operation, string? expected)
    {
        if (expected is null)
        {
            Assert.True(operation.NeedsReview);
            Assert.All(operation.UndecidedFields, field => Assert.StartsWith("v", field, StringComparison.Ordinal));
            Assert.NotEmpty(operation.UndecidedFields);
            return;
        }

        Assert.False(operation.NeedsReview, operation.Reason);
        var merged = operation.NewValue!.Value.Parse().RootElement;
        Assert.Equal(expected, merged.GetProperty("v").GetRawText());
        Assert.Equal(2, merged.GetProperty("x").GetInt32());
    }
}
