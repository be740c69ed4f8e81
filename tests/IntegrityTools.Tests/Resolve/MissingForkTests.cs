using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.CouchDb.ServerScanTests;

namespace IntegrityTools.Tests.Resolve;

/// <summary>Documents whose leaves parted twice, where the body of the inner fork is gone, as after a replication, and that of the outer one is there.</summary>
public class MissingForkTests
{
    private const string Attachments = "\"_attachments\":{\"f\":{\"content_type\":\"text/plain\",\"data\":\"AAAA\"}}";

    [SkippableTheory]
    [InlineData(Strategy.Merge)]
    [InlineData(null)]
    public async Task A_removal_is_not_taken_back_where_the_inner_forks_body_is_missing(Strategy? strategy)
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n",
            real: true,
            Doc("field", 1, ["r"], "\"x\":1,\"y\":1"),
            Doc("field", 3, ["c", "q", "r"], "\"x\":1,\"y\":1,\"q\":1,\"z\":2"),
            Doc("field", 3, ["d", "q", "r"], "\"y\":1,\"q\":1"),
            Doc("field", 2, ["e", "r"], "\"x\":1,\"y\":1,\"w\":1"),
            Doc("file", 1, ["r"], $"\"y\":1,{Attachments}"),
            Doc("file", 3, ["c", "q", "r"], $"\"y\":1,\"q\":1,\"z\":2,{Attachments}"),
            Doc("file", 3, ["d", "q", "r"], "\"y\":1,\"q\":1"),
            Doc("file", 2, ["e", "r"], $"\"y\":1,\"w\":1,{Attachments}"));

        await place.RepairAsync(strategy);

        var field = await place.Server.GetAsync($"{place.Database}/field");
        Assert.DoesNotContain("\"x\"", field, StringComparison.Ordinal);
        Assert.All(["\"y\":1", "\"q\":1", "\"z\":2", "\"w\":1"], edit => Assert.Contains(edit, field, StringComparison.Ordinal));
        Assert.DoesNotContain("_attachments", await place.Server.GetAsync($"{place.Database}/file"), StringComparison.Ordinal);
    }

    // The outer fork, the two leaves below the inner one, the leaf beside them; what is left in v; null: a person decides.
    [Theory]
    [InlineData("\"v\":1", "\"v\":5", "\"k\":1", "\"v\":1", null)]
    [InlineData("\"v\":0", "\"v\":0,\"k\":1", "\"v\":1", "\"v\":0", null)]
    [InlineData("\"v\":[1,2]", "\"v\":[1]", "\"v\":[1,2,3]", "\"v\":[1,2]", null)]
    [InlineData("\"v\":{\"a\":1,\"b\":1}", "\"v\":{\"a\":1}", "\"v\":{\"a\":1,\"b\":1,\"c\":1}", "\"v\":{\"a\":1,\"b\":1}", "{\"a\":1,\"c\":1}")]
    [InlineData("\"v\":1,\"updatedAt\":1", "\"v\":1,\"updatedAt\":9", "\"updatedAt\":8", "\"v\":1,\"updatedAt\":7", "")]
    [InlineData("\"n\":1", "\"n\":5", "\"n\":5,\"v\":1", "\"n\":2", "1")]
    public void What_a_leaf_changed_against_the_outer_ancestor_is_in_the_result_or_left_to_a_person(string outer, string one, string two, string beside, string? expected)
    {
        var tree = new RevisionTree();
        var root = tree.Add(null, $"{{{outer}}}");
        var fork = tree.Add(root, "{\"nobody\":1}");
        tree.Add(fork, $"{{{one}}}");
        tree.Add(fork, $"{{{two}}}");
        tree.Add(root, $"{{{beside}}}");
        var conflict = tree.Case();
        conflict = conflict with { Ancestors = conflict.Ancestors.Where(item => item.Key != fork.Revision).ToDictionary() };
        var counter = new RepairPolicy { Resolution = new() { Rules = [new MergeRule { Path = "n", Kind = MergeRuleKind.Counter }] } };

        var operation = new ConflictPlanner().Propose(RevisionTree.Issue(conflict), conflict, counter);

        if (expected is null)
        {
            Assert.Equal(["v"], operation.UndecidedFields);
            return;
        }

        Assert.False(operation.NeedsReview, operation.Reason);
        using var merged = operation.NewValue!.Value.Parse();
        Assert.Equal(expected, merged.RootElement.TryGetProperty("v", out var value) ? value.GetRawText() : string.Empty);
        Assert.True(!merged.RootElement.TryGetProperty("n", out var count) || count.GetInt32() == 6);
    }
}
