using System.Globalization;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.Tests.Resolve;

public class TimestampsTests
{
    [Theory]
    [InlineData("\"2024-05-06T07:08:09Z\"", "2024-05-06T07:08:09.0000000Z")]
    [InlineData("\"2024-05-06T07:08:09.123456789+02:00\"", "2024-05-06T05:08:09.1234567Z")]
    [InlineData("\"2024-05-06 07:08:09-0230\"", "2024-05-06T09:38:09.0000000Z")]
    [InlineData("\"2024-05-06\"", "2024-05-06T00:00:00.0000000Z")]
    [InlineData("\"2024-05-06T07:08:09\"", "2024-05-06T07:08:09.0000000Z")]
    [InlineData("1700000000", "2023-11-14T22:13:20.0000000Z")]
    [InlineData("1700000000000", "2023-11-14T22:13:20.0000000Z")]
    [InlineData("\"1700000000000\"", "2023-11-14T22:13:20.0000000Z")]
    [InlineData("\"yesterday\"", null)]
    [InlineData("\"2024-13-06\"", null)]
    [InlineData("\"\\ud800\"", null)]
    [InlineData("-1", null)]
    [InlineData("1e400", null)]
    [InlineData("null", null)]
    public void A_moment_is_read_in_any_usual_form(string json, string? expected)
    {
        var found = Timestamps.Of(RawJson.FromText($$"""{"updatedAt":{{json}}}"""), new ResolutionSettings());
        Assert.Equal(expected, found?.Value.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_field_that_cannot_be_read_does_not_yield_to_the_next_and_one_that_is_absent_does()
    {
        var settings = new ResolutionSettings { TimestampFields = ["meta.at", "timestamp"] };
        Assert.Null(Timestamps.Of(RawJson.FromText("""{"meta":{"at":"?"},"timestamp":5}"""), settings));
        Assert.Equal("timestamp", Timestamps.Of(RawJson.FromText("""{"meta":{},"timestamp":5}"""), settings)?.Field);
        Assert.Equal("meta.at", Timestamps.Of(RawJson.FromText("""{"meta":{"at":7},"timestamp":5}"""), settings)?.Field);
    }

    [Theory]
    [InlineData(Strategy.LatestWins)]
    [InlineData(Strategy.Auto)]
    public void Times_of_different_fields_are_not_compared(Strategy strategy)
    {
        var conflict = Fork("""{"a":1,"b":1,"dateCreated":5}""", """{"a":1,"b":1,"k":1,"dateCreated":5,"dateModified":10}""", """{"a":1,"b":1,"dateCreated":5}""");
        var operation = Propose(conflict, new RepairPolicy { Strategy = strategy });
        Assert.Equal(strategy == Strategy.LatestWins, operation.NeedsReview);
        Assert.DoesNotContain("latest timestamp", operation.Reason, StringComparison.Ordinal);
        if (strategy == Strategy.LatestWins)
        {
            Assert.Contains("times of one field", operation.Reason, StringComparison.Ordinal);
        }

        var rule = new RepairPolicy { Resolution = new() { Rules = [new MergeRule { Path = "a", Kind = MergeRuleKind.Latest }] } };
        Assert.Equal(["a"], Propose(Fork("""{"a":1}""", """{"a":2,"dateCreated":5}""", """{"a":3,"updatedAt":10}"""), rule).UndecidedFields);
    }

    private static ConflictCase Fork(string ancestor, string left, string right)
    {
        var tree = new RevisionTree();
        var root = tree.Add(null, ancestor);
        tree.Add(root, left);
        tree.Add(root, right);
        return tree.Case();
    }

    private static RepairOperation Propose(ConflictCase conflict, RepairPolicy policy) => new ConflictPlanner().Propose(RevisionTree.Issue(conflict), conflict, policy);
}
