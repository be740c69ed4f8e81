using System.Diagnostics;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Tests.Resolve;

public class ConflictPlannerTests
{
    private static RepairOperation Propose(ConflictCase conflict, RepairPolicy? policy = null) =>
        new ConflictPlanner().Propose(RevisionTree.Issue(conflict), conflict, policy ?? new RepairPolicy());

    private static RepairPolicy With(params MergeRule[] rules) => new() { Resolution = new() { Rules = rules } };

    private static MergeRule Rule(string path, MergeRuleKind kind, params string[] preferred) => new() { Path = path, Kind = kind, Preferred = preferred };

    private static ConflictCase Fork(string ancestor, params string[] leaves)
    {
        var tree = new RevisionTree();
        var root = tree.Add(null, ancestor);
        foreach (var leaf in leaves)
        {
            tree.Add(root, leaf);
        }

        return tree.Case();
    }

    private static string? Merged(RepairOperation operation) => operation.NewValue?.ToString();

    [Fact]
    public void Edits_of_different_fields_are_merged_and_untouched_bytes_stay()
    {
        const string Rest = """ "n":1.0,"e":1E+2,"big":9007199254740993,"huge":1e400,"t":"\u00e9","s":"\ud800","d":{"k":1, "k":2},"w":{ "x" : [1 ,2] } """;
        var operation = Propose(Fork($$"""{"a":1,"b":1,{{Rest}}}""", $$"""{"a":2,"b":1,{{Rest}}}""", $$"""{"a":1,"b":2,{{Rest}}}"""));
        Assert.Equal(Strategy.Merge, operation.Strategy);
        Assert.Equal(Risk.Low, operation.Risk);
        foreach (var value in new[] { "\"a\":2", "\"b\":2", "\"n\":1.0", "1E+2", "9007199254740993", "1e400", "\\u00e9", "\\ud800", """{"k":1, "k":2}""", """{ "x" : [1 ,2] }""" })
        {
            Assert.Contains(value, Merged(operation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Colliding_edits_are_left_to_a_person_by_name()
    {
        var operation = Propose(Fork("""{"a":{"b":1},"c":0}""", """{"a":{"b":2},"c":0}""", """{"a":{"b":3},"c":1}"""));
        Assert.True(operation.NeedsReview);
        Assert.Null(operation.Action);
        Assert.Equal(["a.b"], operation.UndecidedFields);
        Assert.Equal(2, operation.Choices.Count);
    }

    [Theory]
    [InlineData(MergeRuleKind.Max, "7")]
    [InlineData(MergeRuleKind.Min, "6")]
    [InlineData(MergeRuleKind.Counter, "8")]
    [InlineData(MergeRuleKind.Sum, "8")]
    public void A_rule_decides_a_collision(MergeRuleKind kind, string expected)
    {
        var operation = Propose(Fork("""{"v":5}""", """{"v":7}""", """{"v":6}"""), With(Rule("v", kind)));
        Assert.Equal($$"""{"v":{{expected}}}""", Merged(operation));
        var chosen = kind is MergeRuleKind.Max or MergeRuleKind.Min;
        Assert.Equal(chosen ? Risk.Medium : Risk.Low, operation.Risk);
        Assert.Equal(chosen ? 1 : 0, operation.Discarded.Count);
    }

    [Fact]
    public void A_counter_adds_equal_increments_and_increments_of_nested_branches_once()
    {
        var tree = new RevisionTree();
        var root = tree.Add(null, """{"v":9007199254740993}""");
        tree.Add(root, """{"v":9007199254740994}""");
        var fork = tree.Add(root, """{"v":9007199254741003}""");
        tree.Add(fork, """{"v":9007199254741004}""");
        tree.Add(fork, """{"v":9007199254741004}""");
        Assert.Equal("""{"v":9007199254741006}""", Merged(Propose(tree.Case(), With(Rule("v", MergeRuleKind.Counter)))));
    }

    [Fact]
    public void A_preferred_value_is_taken_and_the_other_is_named()
    {
        var operation = Propose(Fork("""{"s":"new"}""", """{"s":"running"}""", """{"s":"done"}"""), With(Rule("s", MergeRuleKind.Prefer, "done", "running")));
        Assert.Equal("""{"s":"done"}""", Merged(operation));
        Assert.Equal("\"running\"", Assert.Single(operation.Discarded).Value);
    }

    [Fact]
    public void Arrays_of_scalars_take_additions_and_removals_of_both()
    {
        var operation = Propose(Fork("""{"t":["a","b"]}""", """{"t":["b","c"]}""", """{"t":["a","b","d"]}"""));
        Assert.Contains(Merged(operation), new[] { """{"t":["b","c","d"]}""", """{"t":["b","d","c"]}""" });
    }

    [Fact]
    public void An_edit_against_a_removal_of_the_same_element_is_left_to_a_person()
    {
        var rule = new MergeRule { Path = "p", Kind = MergeRuleKind.KeyedList, Key = "n" };
        var operation = Propose(
            Fork("""{"p":[{"n":1,"v":1},{"n":2,"v":1}]}""", """{"p":[{"n":1,"v":2},{"n":2,"v":1}]}""", """{"p":[{"n":2,"v":3}]}"""), With(rule));
        Assert.Equal(["p[n=1]"], operation.UndecidedFields);
    }

    [Fact]
    public void Stamps_take_the_latest_and_block_nothing()
    {
        var operation = Propose(Fork(
            """{"a":1,"b":1,"dateModified":"2024-01-01T00:00:00Z","deviceId":"x"}""",
            """{"a":2,"b":1,"dateModified":"2024-01-02T01:00:00+02:00","deviceId":"y"}""",
            """{"a":1,"b":2,"dateModified":"2024-01-01T23:30:00Z","deviceId":"z"}"""));
        Assert.Equal(Strategy.Merge, operation.Strategy);
        Assert.Contains("23:30", Merged(operation), StringComparison.Ordinal);
        Assert.Contains("\"z\"", Merged(operation), StringComparison.Ordinal);
        Assert.Empty(operation.Discarded);
    }

    [Fact]
    public void Latest_wins_that_discards_is_high_and_names_the_edit()
    {
        var conflict = Fork("""{"a":1,"b":1}""", """{"a":2,"b":1,"updatedAt":10}""", """{"a":1,"b":2,"updatedAt":20}""");
        var operation = Propose(conflict, new RepairPolicy { Strategy = Strategy.LatestWins });
        Assert.Equal(Risk.High, operation.Risk);
        Assert.Equal("a", Assert.Single(operation.Discarded).Path);
        Assert.Null(Assert.IsType<ResolveConflictAction>(operation.Action).Body);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"dateCreated\":5")]
    public void A_leaf_without_timestamp_is_not_the_oldest(string created)
    {
        var conflict = Fork($$"""{"a":1{{created}}}""", $$"""{"a":2,"updatedAt":10{{created}}}""", $$"""{"a":3,"updatedAt":"soon"{{created}}}""");
        var operation = Propose(conflict, new RepairPolicy { Strategy = Strategy.LatestWins });
        Assert.True(operation.NeedsReview);
        Assert.Contains("not available", operation.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_leaves_are_duplicates()
    {
        var operation = Propose(Fork("""{"a":1}""", """{"a":2,"b":"é"}""", """{"b":"\u00e9","a":2}"""));
        Assert.Equal(OperationTypes.DeleteDuplicate, operation.Type);
        Assert.Equal(Risk.Low, operation.Risk);
    }

    [Fact]
    public void Equal_leaves_are_duplicates_beside_a_counter_that_nobody_raised_and_a_sum_where_both_did()
    {
        var counted = With(Rule("n", MergeRuleKind.Counter));
        Assert.Equal(OperationTypes.DeleteDuplicate, Propose(Fork("""{"n":1,"a":1}""", """{"n":1,"a":2}""", """{"n":1,"a":2}"""), counted).Type);
        var raised = Propose(Fork("""{"n":1}""", """{"n":2}""", """{"n":2}"""), counted);
        Assert.Equal(OperationTypes.ResolveConflict, raised.Type);
        Assert.Equal("""{"n":3}""", Merged(raised));
    }

    [Fact]
    public void An_edit_is_kept_against_a_deletion_unless_a_person_accepts_it()
    {
        var tree = new RevisionTree();
        var root = tree.Add(null, """{"a":1}""");
        var edit = tree.Add(root, """{"a":2}""");
        var deletion = tree.Add(root, "{}", deleted: true);
        var kept = Assert.IsType<ResolveConflictAction>(Propose(tree.Case()).Action);
        Assert.Equal(edit.Revision.ToString(), kept.KeepRevision);
        Assert.Equal([deletion.Revision.ToString()], kept.CloseRevisions);
        Assert.True(Propose(tree.Case(), new RepairPolicy { Strategy = Strategy.LatestWins }).NeedsReview);

        var accepted = Propose(tree.Case(), new RepairPolicy { KeepRevision = deletion.Revision.ToString() });
        Assert.Equal(Risk.High, accepted.Risk);
        Assert.Equal("a", Assert.Single(accepted.Discarded).Path);
        Assert.Equal([edit.Revision.ToString()], Assert.IsType<ResolveConflictAction>(accepted.Action).RemoveRevisions);
    }

    [Fact]
    public void A_revision_that_is_no_leaf_is_refused_with_the_leaves()
    {
        var conflict = Fork("""{"a":1}""", """{"a":2}""", """{"a":3}""");
        var error = Assert.Throws<IntegrityException>(() => Propose(conflict, new RepairPolicy { KeepRevision = "2-no" }));
        Assert.Equal(ErrorIds.InvalidArgument, error.ErrorId);
        Assert.Contains(conflict.Leaves.Winner.Revision.ToString(), error.NextStep, StringComparison.Ordinal);
        Assert.Throws<IntegrityException>(() => Propose(conflict, new RepairPolicy { Document = RawJson.FromText("""{"_id":"other"}""") }));
        Assert.Throws<IntegrityException>(() => Propose(conflict, new RepairPolicy { Document = RawJson.FromText("[1]") }));
        Assert.Throws<IntegrityException>(() => Propose(conflict, new RepairPolicy { Document = RawJson.FromText("{") }));
    }

    [Theory]
    [InlineData("""{"a":2,"_deleted":true}""", "deleted")]
    [InlineData("""{"a":2,"_attachments":{"f":{"content_type":"t","data":"Zg=="}}}""", "attachments")]
    [InlineData("""{"a":2,"_odd":1}""", "_odd")]
    public void A_document_by_hand_that_would_not_be_written_as_it_stands_is_refused(string document, string told)
    {
        var conflict = Fork("""{"a":1}""", """{"a":2}""", """{"a":3}""");
        var error = Assert.Throws<IntegrityException>(() => Propose(conflict, new RepairPolicy { Document = RawJson.FromText(document) }));
        Assert.Equal(ErrorIds.InvalidArgument, error.ErrorId);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.NextStep);
    }

    [Fact]
    public void A_document_by_hand_as_a_server_gives_it_is_taken()
    {
        const string Given = """{"_id":"doc","a":2,"_conflicts":["2-x"]}""";
        var operation = Propose(Fork("""{"a":1}""", """{"a":2}""", """{"a":3}"""), new RepairPolicy { Document = RawJson.FromText(Given) });
        Assert.Equal("""{"a":2}""", Merged(operation));

        const string Foreign = """{"_id":"doc","a":2,"_attachments":{"f":{"content_type":"t","stub":true}}}""";
        Assert.Throws<IntegrityException>(() => Propose(Fork("""{"a":1}""", """{"a":2}""", """{"a":3}"""), new RepairPolicy { Document = RawJson.FromText(Foreign) }));
    }

    [Fact]
    public void A_document_by_hand_names_what_it_drops()
    {
        var operation = Propose(Fork("""{"a":1}""", """{"a":2}""", """{"a":3}"""), new RepairPolicy { Document = RawJson.FromText("""{"a":2}""") });
        Assert.Equal("3", Assert.Single(operation.Discarded).Value);
        Assert.Equal(Risk.High, operation.Risk);
    }

    [Fact]
    public void Attachments_merge_like_fields()
    {
        var tree = new RevisionTree();
        var root = tree.Add(null, "{}", false, new AttachmentInfo("a.txt", "t", "md5-1", 1));
        tree.Add(root, "{}", false, new AttachmentInfo("a.txt", "t", "md5-2", 1));
        tree.Add(root, "{}", false, new AttachmentInfo("a.txt", "t", "md5-1", 1), new AttachmentInfo("b.txt", "t", "md5-3", 1));
        var action = Assert.IsType<ResolveConflictAction>(Propose(tree.Case()).Action);
        Assert.Equal(["md5-2", "md5-3"], action.Attachments!.Select(item => item.Digest).Order());
        tree.Add(root, "{}", false, new AttachmentInfo("a.txt", "t", "md5-4", 1));
        Assert.Equal(["_attachments['a.txt']"], Propose(tree.Case()).UndecidedFields);
    }

    [Fact]
    public void Without_an_ancestor_only_what_is_equal_or_on_one_side_merges()
    {
        var tree = new RevisionTree();
        var root = tree.Add(null, """{"a":1}""");
        tree.Add(root, """{"a":1,"b":1}""");
        tree.Add(root, """{"a":1,"c":1}""");
        Assert.False(Propose(tree.Case(withAncestors: false)).NeedsReview);
        tree.Add(root, """{"a":2}""");
        Assert.Equal(["a"], Propose(tree.Case(withAncestors: false)).UndecidedFields);
    }

    [Fact]
    public void A_bound_leaves_it_to_a_person_with_the_changes_shown()
    {
        var operation = Propose(Fork("""{"v":5}""", """{"v":7}""", """{"v":6}"""), With(Rule("v", MergeRuleKind.Max)) with { MaximumRisk = Risk.Low });
        Assert.True(operation.NeedsReview);
        Assert.Contains("above the bound", operation.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_leaves_on_one_document_merge_in_time()
    {
        var conflict = Fork("""{"a":1}""", [.. Enumerable.Range(0, 1000).Select(index => $$"""{"a":1,"f{{index}}":{{index}}}""")]);
        var watch = Stopwatch.StartNew();
        var operation = Propose(conflict);
        Assert.False(operation.NeedsReview);
        Assert.Contains("\"f999\":999", operation.Action is ResolveConflictAction { Body: { } body } ? body.ToString() : null, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}");
    }

    [Fact]
    public void A_document_as_deep_as_can_be_read_is_merged_without_exhausting_the_stack()
    {
        static string Deep(int value) => string.Concat(Enumerable.Repeat("{\"d\":", 4000)) + value + new string('}', 4000);
        Assert.False(Propose(Fork($$"""{"a":1,"x":{{Deep(1)}}}""", $$"""{"a":2,"x":{{Deep(1)}}}""", $$"""{"a":1,"x":{{Deep(2)}}}""")).NeedsReview);
    }

    [Fact]
    public void Counters_sum_every_increment_once_on_random_trees()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var tree = new RevisionTree();
            var heads = new List<(global::IntegrityTools.CouchDb.Revisions.DocumentRevision Revision, int Value)> { (tree.Add(null, """{"v":100}"""), 100) };
            var total = 100;
            for (var count = random.Next(2, 15); count > 0; count--)
            {
                var (parent, value) = heads[random.Next(heads.Count)];
                var step = random.Next(-3, 10);
                total += step;
                heads.Add((tree.Add(parent, $$"""{"v":{{value + step}}}"""), value + step));
            }

            // A revision that others grew from counts through them: every step on any path to a leaf is counted once.
            var conflict = tree.Case(rotate: seed);
            Assert.Equal($$"""{"v":{{total}}}""", Merged(Propose(conflict, With(Rule("v", MergeRuleKind.Counter)))));
        }
    }
}
