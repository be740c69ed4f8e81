using System.Globalization;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Tests.Resolve;

/// <summary>A leaf that changed a field back to what the outer fork has edited it all the same.</summary>
public class ChangedBackTests
{
    private static readonly string[] Fields = ["a", "b", "c", "d"];
    private static readonly string[] Elements = ["p", "q", "r"];

    // The outer fork, the inner one, its two leaves, the leaf beside them; what collides, or what is made of it.
    [Theory]
    [InlineData("\"x\":0", "\"x\":1", "\"x\":0", "\"x\":1,\"k\":1", "\"x\":5", "x", null)]
    [InlineData("\"x\":0", "\"x\":1", "\"x\":0", "\"x\":1,\"k\":1", "\"x\":0,\"w\":1", null, "{\"x\":0,\"k\":1,\"w\":1}")]
    [InlineData("\"x\":0", "\"x\":1", "\"x\":1,\"z\":1", "\"x\":1,\"k\":1", "\"x\":0,\"w\":1", null, "{\"x\":1,\"z\":1,\"k\":1,\"w\":1}")]
    [InlineData("\"x\":0", "\"q\":1", "\"x\":0,\"q\":1", "\"q\":1,\"k\":1", "\"x\":5", "x", null)]
    [InlineData("\"x\":0", "\"x\":0,\"q\":1", "\"x\":0", "\"x\":0,\"q\":1,\"k\":1", "\"x\":0,\"q\":7", "q", null)]
    [InlineData("\"o\":{\"a\":1,\"b\":1}", "\"o\":{\"a\":2,\"b\":1}", "\"o\":{\"a\":1,\"b\":1}", "\"o\":{\"a\":2,\"b\":1},\"k\":1", "\"o\":{\"a\":1,\"b\":9}", null, "{\"o\":{\"a\":1,\"b\":9},\"k\":1}")]
    [InlineData("\"o\":{\"a\":1,\"b\":1}", "\"o\":{\"a\":2,\"b\":1}", "\"o\":{\"a\":1,\"b\":1}", "\"o\":{\"a\":2,\"b\":1},\"k\":1", "\"o\":{\"a\":8,\"b\":9}", "o.a", null)]
    [InlineData("\"list\":[{\"id\":1,\"n\":1},{\"id\":2,\"n\":1}]", "\"list\":[{\"id\":1,\"n\":2},{\"id\":2,\"n\":1}]", "\"list\":[{\"id\":1,\"n\":1},{\"id\":2,\"n\":1}]", "\"k\":1,\"list\":[{\"id\":1,\"n\":2},{\"id\":2,\"n\":1}]", "\"list\":[{\"id\":1,\"n\":7},{\"id\":2,\"n\":9}]", "list[id=1].n", null)]
    [InlineData("\"list\":[{\"id\":1,\"n\":1},{\"id\":2,\"n\":1}]", "\"list\":[{\"id\":1,\"n\":2},{\"id\":2,\"n\":1}]", "\"list\":[{\"id\":1,\"n\":1},{\"id\":2,\"n\":1}]", "\"k\":1,\"list\":[{\"id\":1,\"n\":2},{\"id\":2,\"n\":1}]", "\"list\":[{\"id\":1,\"n\":1},{\"id\":2,\"n\":9}]", null, "{\"list\":[{\"id\":1,\"n\":1},{\"id\":2,\"n\":9}],\"k\":1}")]
    [InlineData("\"set\":[1,2]", "\"set\":[1,2,3]", "\"set\":[1,2]", "\"set\":[1,2,3],\"k\":1", "\"set\":[1,2,4]", null, "{\"set\":[1,2,4],\"k\":1}")]
    [InlineData("\"set\":[\"a\"]", "\"set\":[\"a\",\"c\"]", "\"set\":[\"a\"]", "\"set\":[\"a\",\"c\"],\"k\":1", "\"set\":[\"a\",\"c\"]", "set[value=\"c\"]", null)]
    [InlineData("\"set\":[1,2]", "\"set\":[1]", "\"set\":[1,2,3]", "\"set\":[1],\"k\":1", "\"set\":[1],\"w\":1", "set[value=2]", null)]
    [InlineData("\"set\":[1,2]", "\"set\":[1]", "\"set\":[1,2,3]", "\"set\":[1],\"k\":1", "\"set\":[1,2,4]", null, "{\"set\":[1,2,3,4],\"k\":1}")]
    [InlineData("\"tags\":[{\"t\":1}]", "\"tags\":[{\"t\":1},{\"t\":2}]", "\"tags\":[{\"t\":1}]", "\"tags\":[{\"t\":1},{\"t\":2}],\"k\":1", "\"tags\":[{\"t\":1},{\"t\":2}]", "tags[value={\"t\":2}]", null)]
    [InlineData("\"x\":0,\"x\":0", "\"x\":1,\"x\":1", "\"x\":0,\"x\":0", "\"x\":1,\"x\":1,\"k\":1", "\"x\":5,\"x\":5", "x", null)]
    [InlineData("\"x\":0,\"x\":0", "\"x\":1,\"x\":1", "\"x\":1,\"x\":1,\"z\":1", "\"x\":1,\"x\":1,\"k\":1", "\"x\":0,\"x\":0,\"w\":1", null, null)]
    [InlineData("\"n\":1", "\"n\":5", "\"n\":1", "\"n\":5,\"k\":1", "\"n\":3", null, "{\"n\":3,\"k\":1}")]
    [InlineData("\"updatedAt\":1", "\"updatedAt\":8", "\"updatedAt\":1,\"z\":1", "\"updatedAt\":8,\"k\":1", "\"updatedAt\":7", null, "{\"updatedAt\":7,\"z\":1,\"k\":1}")]
    public void It_collides_with_what_another_edited_there_and_with_nothing_else(
        string outer, string inner, string one, string two, string beside, string? collides, string? expected)
    {
        var tree = new RevisionTree();
        var root = tree.Add(null, $"{{{outer}}}");
        var fork = tree.Add(root, $"{{{inner}}}");
        tree.Add(fork, $"{{{one}}}");
        tree.Add(fork, $"{{{two}}}");
        tree.Add(root, $"{{{beside}}}");
        MergeRule[] rules = [new() { Path = "n", Kind = MergeRuleKind.Counter }, new() { Path = "list", Kind = MergeRuleKind.KeyedList, Key = "id" }, new() { Path = "tags", Kind = MergeRuleKind.Union }];
        var policy = new RepairPolicy { Strategy = Strategy.Merge, Resolution = new() { Rules = rules } };

        var operation = new ConflictPlanner().Propose(RevisionTree.Issue(tree.Case()), tree.Case(), policy);

        Assert.Equal(collides is null ? [] : [collides], operation.UndecidedFields);
        if (expected is not null)
        {
            using var merged = operation.NewValue!.Value.Parse();
            using var wanted = RawJson.FromText(expected).Parse();
            Assert.True(JsonElement.DeepEquals(wanted.RootElement, merged.RootElement), merged.RootElement.GetRawText());
        }
    }

    [Fact]
    public void A_rule_decides_it_and_names_the_edit_that_it_passes_over()
    {
        var tree = new RevisionTree();
        var root = tree.Add(null, "{\"x\":0}");
        var fork = tree.Add(root, "{\"x\":1}");
        var back = tree.Add(fork, "{\"x\":0}");
        tree.Add(fork, "{\"x\":1,\"k\":1}");
        tree.Add(root, "{\"x\":5}");
        var policy = new RepairPolicy { Strategy = Strategy.Merge, Resolution = new() { Rules = [new() { Path = "x", Kind = MergeRuleKind.Max }] } };

        var operation = new ConflictPlanner().Propose(RevisionTree.Issue(tree.Case()), tree.Case(), policy);

        Assert.Contains("\"x\":5", operation.NewValue.ToString(), StringComparison.Ordinal);
        var edit = Assert.Single(operation.Discarded);
        Assert.Equal((back.Revision.ToString(), "x", "0"), (edit.Revision, edit.Path, edit.Value));
    }

    [Fact]
    public void An_attachment_that_was_put_back_collides_with_another_one()
    {
        static AttachmentInfo File(string digest) => new("f", "text/plain", digest, 3);
        var tree = new RevisionTree();
        var root = tree.Add(null, "{}", false, File("old"));
        var fork = tree.Add(root, "{\"q\":1}", false, File("new"));
        tree.Add(fork, "{\"q\":1,\"c\":1}", false, File("old"));
        tree.Add(fork, "{\"q\":1,\"d\":1}", false, File("new"));
        tree.Add(root, "{}", false, File("other"));

        var operation = new ConflictPlanner().Propose(RevisionTree.Issue(tree.Case()), tree.Case(), new RepairPolicy { Strategy = Strategy.Merge });

        Assert.Equal(["_attachments['f']"], operation.UndecidedFields);
    }

    [Fact]
    public void What_was_removed_below_a_fork_collides_with_what_a_leaf_has_whose_fork_is_gone()
    {
        var tree = new RevisionTree();
        var root = tree.Add(null, "{}");
        var fork = tree.Add(root, "{\"y\":1}");
        tree.Add(fork, "{\"z\":1}");
        tree.Add(fork, "{\"y\":1,\"k\":1}");
        tree.Add(root, "{\"y\":1}");
        var whole = tree.Case();
        var conflict = whole with { Ancestors = whole.Ancestors.Where(ancestor => ancestor.Key != root.Revision).ToDictionary() };

        var operation = new ConflictPlanner().Propose(RevisionTree.Issue(conflict), conflict, new RepairPolicy { Strategy = Strategy.Merge });

        Assert.Equal(["y"], operation.UndecidedFields);
    }

    // The outer fork, the inner one, its two leaves, the leaf beside them, which is the latest and has the highest revision; what is lost by keeping it.
    [Theory]
    [InlineData("\"x\":0", "\"x\":1", "\"x\":0", "\"x\":1", "\"x\":1", "x")]
    [InlineData("\"v\":1", "\"v\":1,\"y\":1", "\"v\":1", "\"v\":1,\"y\":1", "\"v\":1,\"y\":1", "y")]
    [InlineData("\"s\":[1]", "\"s\":[1,2]", "\"s\":[1]", "\"s\":[1,2]", "\"s\":[1,2]", "s")]
    [InlineData("\"o\":{\"a\":1}", "\"o\":{\"a\":2}", "\"o\":{\"a\":1}", "\"o\":{\"a\":2}", "\"o\":{\"a\":2}", "o.a")]
    [InlineData("\"n\":1", "\"n\":5", "\"n\":1", "\"n\":5", "\"n\":5", null)]
    [InlineData("\"x\":0", "\"x\":1", "\"x\":1", "\"x\":1", "\"x\":1", null)]
    public void It_is_named_when_another_leaf_is_kept(string outer, string inner, string one, string two, string beside, string? lost)
    {
        var tree = new RevisionTree();
        static string Body(string own, int day) => $"{{{own},\"updatedAt\":\"2025-01-0{day}T00:00:00Z\"}}";
        var root = tree.Add(null, Body(outer, 1));
        var fork = tree.Add(root, Body(inner, 2));
        tree.Add(fork, Body(one, 3));
        tree.Add(fork, Body(two, 4));
        tree.Add(tree.Add(tree.Add(root, Body(outer, 5)), Body(outer, 6)), Body(beside, 7));
        MergeRule[] rules = [new() { Path = "n", Kind = MergeRuleKind.Counter }];
        RepairOperation By(Strategy strategy) => new ConflictPlanner()
            .Propose(RevisionTree.Issue(tree.Case()), tree.Case(), new RepairPolicy { Strategy = strategy, Resolution = new() { Rules = rules } });

        // Of a counter the other leaf's steps are lost, which is no matter here.
        foreach (var strategy in new[] { Strategy.LatestWins, Strategy.HighestRev })
        {
            Assert.Equal(lost, By(strategy).Discarded.Select(edit => edit.Path).Where(path => path != "n").Distinct().SingleOrDefault());
        }

        if (lost is not null)
        {
            Assert.StartsWith(lost, Assert.Single(By(Strategy.Auto).UndecidedFields), StringComparison.Ordinal);
        }
    }

    /// <summary>
    /// Fields take few values, and sets few elements, so that they are often changed back. Every edit that none below it replaced is in the result,
    /// named as discarded, or left to a person, who is asked for nothing else.
    /// </summary>
    [Theory]
    [InlineData(Strategy.Merge, 3000)]
    [InlineData(Strategy.Auto, 1500)]
    [InlineData(Strategy.LatestWins, 1500)]
    [InlineData(Strategy.HighestRev, 1500)]
    public void On_random_trees_no_edit_is_lost_and_nobody_is_asked_where_none_collide(Strategy strategy, int trees)
    {
        var (silent, told) = (0, 0);
        for (var seed = 0; seed < trees; seed++)
        {
            var (tree, nodes) = Grow(new Random(seed), dated: strategy == Strategy.LatestWins || seed % 2 == 0);
            var conflict = tree.Case();
            if (conflict.Leaves.Leaves.Count < 2)
            {
                continue;
            }

            var operation = new ConflictPlanner().Propose(RevisionTree.Issue(conflict), conflict, new RepairPolicy { Strategy = strategy });
            var named = operation.UndecidedFields.Concat(operation.Discarded.Select(edit => edit.Path)).ToHashSet();
            using var merged = operation.NewValue?.Parse();
            foreach (var field in Fields.Concat(Elements))
            {
                var edits = nodes.Where(node => node.From is { } from && node.Values[field] != from.Values[field]).ToList();
                var last = edits.Where(edit => !edits.Exists(other => other.IsBelow(edit))).ToList();
                var open = named.Contains(field) || named.Contains($"set[value=\"{field}\"]");
                if (strategy is Strategy.Merge or Strategy.Auto && last.Select(edit => edit.Values[field]).Distinct().Count() <= 1 && !Concurrent(edits, field))
                {
                    Assert.False(open, $"Seed {seed}: {field} is left to a person.");
                }

                if (!open && !(named.Contains("set") && Elements.Contains(field)) && merged is not null)
                {
                    var value = Value(merged.RootElement, field);
                    Assert.All(last, edit => Assert.True(edit.Values[field] == value, $"Seed {seed}: {field} is {value}, and {edit.Values[field]} is lost."));
                }
            }

            (silent, told) = named.Count > 0 ? (silent, told + 1) : (silent + 1, told);
        }

        Assert.True(silent > trees / 20 && told > trees / 20, $"{silent} {told}");
    }

    private static int Value(JsonElement body, string field) =>
        Fields.Contains(field) ? body.GetProperty(field).GetInt32()
        : body.GetProperty("set").EnumerateArray().Any(element => element.GetString() == field) ? 1 : 0;

    private static bool Concurrent(List<Segment> edits, string field) => edits.Exists(edit => edits.Exists(other =>
        other.Values[field] != edit.Values[field] && !other.IsBelow(edit) && !edit.IsBelow(other)));

    // Each segment leads from one fork to the next, or to a leaf.
    private static (RevisionTree Tree, List<Segment> Segments) Grow(Random random, bool dated)
    {
        var tree = new RevisionTree();
        var values = Fields.Concat(Elements).ToDictionary(field => field, _ => 0);
        var root = new Segment(tree.Add(null, Body(values, null)), values, null);
        var segments = new List<Segment> { root };
        Branch(root, 0);
        return (tree, segments);

        void Branch(Segment fork, int depth)
        {
            for (var branches = random.Next(2, 4); branches > 0; branches--)
            {
                var edited = new Dictionary<string, int>(fork.Values);
                foreach (var field in Fields.Where(_ => random.Next(5) == 0))
                {
                    edited[field] = random.Next(3);
                }

                foreach (var element in Elements.Where(_ => random.Next(6) == 0))
                {
                    edited[element] = 1 - edited[element];
                }

                var segment = new Segment(tree.Add(fork.Revision, Body(edited, dated ? random.Next(10, 60) : null)), edited, fork);
                segments.Add(segment);
                if (depth < 3 && random.Next(3) == 0)
                {
                    Branch(segment, depth + 1);
                }
            }
        }
    }

    private static string Body(Dictionary<string, int> values, int? second)
    {
        var fields = Fields.Select(field => string.Create(CultureInfo.InvariantCulture, $"\"{field}\":{values[field]}"));
        var set = string.Join(',', Elements.Where(element => values[element] == 1).Select(element => $"\"{element}\""));
        return $"{{{string.Join(',', fields)},\"set\":[{set}]{(second is null ? "" : $",\"updatedAt\":\"2025-01-01T00:00:{second}Z\"")}}}";
    }

    private sealed record Segment(DocumentRevision Revision, Dictionary<string, int> Values, Segment? From)
    {
        public bool IsBelow(Segment other)
        {
            for (var at = From; at is not null; at = at.From)
            {
                if (ReferenceEquals(at, other))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
