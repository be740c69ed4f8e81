using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using Xunit.Abstractions;

namespace IntegrityTools.Tests.Resolve;

public class ReplicaSimulationTests(ITestOutputHelper output)
{
    private static RepairOperation Propose(ConflictCase conflict, Strategy strategy) =>
        new ConflictPlanner().Propose(RevisionTree.Issue(conflict), conflict, new RepairPolicy { Strategy = strategy });

    [Fact]
    public void Conflicts_of_replicas_whose_edits_do_not_collide_are_all_resolved_and_no_edit_is_lost()
    {
        var conflicts = new ReplicaSimulation(1).Run(960);
        var lost = 0;
        foreach (var conflict in conflicts)
        {
            var operation = Propose(conflict.Case, Strategy.Auto);
            Assert.False(operation.NeedsReview, operation.Reason);
            Assert.Empty(operation.Discarded);
            lost += conflict.MissingFrom(operation.NewValue!.Value).Count();
            Assert.Contains("\"ratio\":1.0", operation.NewValue.ToString(), StringComparison.Ordinal);
        }

        output.WriteLine($"{conflicts.Count} conflicts, {conflicts.Sum(item => item.Edits.Count)} edits, {conflicts.Sum(item => item.Living.Count)} living");
        foreach (var strategy in new[] { Strategy.LatestWins, Strategy.HighestRev })
        {
            output.WriteLine($"{strategy} loses {conflicts.Sum(item => item.MissingFrom(Propose(item.Case, strategy).NewValue!.Value).Count())}");
        }

        Assert.Equal(0, lost);
    }

    [Theory]
    [InlineData(Strategy.Auto)]
    [InlineData(Strategy.Merge)]
    [InlineData(Strategy.LatestWins)]
    [InlineData(Strategy.HighestRev)]
    public void Every_edit_is_in_the_result_or_named(Strategy strategy)
    {
        foreach (var conflict in new ReplicaSimulation(2).Run(400, collidingOneIn: 2))
        {
            var operation = Propose(conflict.Case, strategy);
            var colliding = conflict.Colliding;
            if (strategy is Strategy.Auto or Strategy.Merge)
            {
                Assert.Equal(colliding.Order(), operation.UndecidedFields.Order());
                Assert.Equal(colliding.Count > 0, operation.NeedsReview);
            }

            if (operation.NewValue is { } body)
            {
                var named = operation.Discarded.Select(edit => edit.Path).ToHashSet();
                Assert.All(conflict.MissingFrom(body), edit => Assert.Contains(edit.Path, named));
                Assert.Equal(operation.Discarded.Count > 0, operation.Risk == Risk.High);
            }
        }
    }

    [Fact]
    public void The_order_in_which_leaves_are_listed_changes_nothing()
    {
        foreach (var conflict in new ReplicaSimulation(3).Run(100, collidingOneIn: 3))
        {
            var turned = conflict.Case with { Leaves = LeafSet.Of(conflict.Case.Leaves.Id, conflict.Case.Leaves.Leaves.Reverse()) };
            var (one, other) = (Propose(conflict.Case, Strategy.Auto), Propose(turned, Strategy.Auto));
            Assert.Equal(one.NewValue, other.NewValue);
            Assert.Equal(one.Reason, other.Reason);
            Assert.Equal(one.Changes, other.Changes);
        }
    }

    [Fact]
    public void The_same_seed_writes_the_same_conflicts()
    {
        using var one = new StringWriter();
        using var other = new StringWriter();
        ReplicaSimulation.Write(new ReplicaSimulation(4).Run(20, 2), one);
        ReplicaSimulation.Write(new ReplicaSimulation(4).Run(20, 2), other);
        Assert.Equal(one.ToString(), other.ToString());
        Assert.All(one.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), line => RawJson.FromText(line).Parse().Dispose());
    }
}
