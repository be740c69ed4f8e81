using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.Validation.ContentPlace;

namespace IntegrityTools.Tests.Validation;

/// <summary>What a plan makes of several documents or revisions keeps the rules that each of these keeps.</summary>
public class MergedDocumentTests
{
    private const string Rules = """
        validation:
          schemas: { G: 'document:schema' }
          identities: [ { document_type: G, fields: [identifier] } ]

        """;

    private static readonly string Schema = Doc("schema", "\"not\":{\"required\":[\"a\",\"b\"]}");

    [Theory]
    [InlineData("\"b\":2", true)]
    [InlineData("\"c\":2", false)]
    [InlineData("\"a\":1,\"b\":2", false)]
    public async Task A_conflict_was_merged_into_a_document_that_breaks_its_schema_without_a_word(string other, bool breaks)
    {
        await using var place = new Workplace(Rules);
        var operation = Assert.Single((await place.PlanAsync(await ScanAsync(place, WriteDump(place, Conflict(other)), "revision_conflict"))).Operations);

        Assert.Equal((breaks, breaks ? 2 : 0), (operation.NeedsReview, operation.Choices.Count));
        Assert.Equal(breaks, operation.Reason.Contains("(not)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_document_that_a_person_gives_is_written_and_the_rule_that_it_breaks_is_named()
    {
        await using var place = new Workplace(Rules);
        var issue = Assert.Single(await ScanAsync(place, WriteDump(place, Conflict("\"b\":2")), "revision_conflict"));

        var options = new PlanOptions { Document = RawJson.FromText("{\"@type\":\"G\",\"a\":1,\"b\":2}") };
        var operation = (await place.Engine.PlanAsync(new[] { issue }.ToAsyncEnumerable(), options, default)).Single().Operations[0];

        Assert.False(operation.NeedsReview);
        Assert.Contains("(not)", operation.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_merge_whose_schema_cannot_be_used_is_left_to_a_person()
    {
        await using var place = new Workplace(Rules.Replace("document:schema", "document:gone", StringComparison.Ordinal));
        var operation = Assert.Single((await place.PlanAsync(await ScanAsync(place, WriteDump(place, Conflict("\"b\":2")), "revision_conflict"))).Operations);

        Assert.True(operation.NeedsReview);
        Assert.Contains("cannot be held against the schema of G: there is no such document", operation.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b", true)]
    [InlineData("c", false)]
    public async Task Duplicates_were_merged_into_a_document_that_breaks_its_schema_without_a_word(string field, bool breaks)
    {
        await using var place = new Workplace(Rules);
        var store = WriteDump(place, Schema, Doc("d1", "\"@type\":\"G\",\"identifier\":\"x\",\"a\":1"), Doc("d2", $"\"@type\":\"G\",\"identifier\":\"x\",\"{field}\":1"));

        var operations = (await place.PlanAsync(await ScanAsync(place, store, "semantic_duplicate"))).Operations;

        Assert.Equal(breaks, operations[0].NeedsReview);
        Assert.Equal(breaks, operations[0].Reason.Contains("(not)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"h1\",\"x2\"", true)]
    [InlineData("\"h1\",\"h2\",\"x2\"", false)]
    public async Task A_list_of_references_was_turned_into_one_that_breaks_its_schema_without_a_word(string hosts, bool breaks)
    {
        await using var place = new Workplace("""
            validation:
              schemas: { S: 'document:schema' }
              references: [ { document_type: S, path: 'on[]', target_type: H } ]
              identities: [ { document_type: H, fields: [identifier] } ]

            """);
        var store = WriteDump(
            place,
            Doc("schema", "\"properties\":{\"on\":{\"minItems\":2}}"),
            Doc("h1", "\"@type\":\"H\",\"identifier\":\"x\""),
            Doc("x2", "\"@type\":\"H\",\"identifier\":\"x\""),
            Doc("h2", "\"@type\":\"H\",\"identifier\":\"y\""),
            Doc("s", $"\"@type\":\"S\",\"on\":[{hosts}]"));

        var operations = (await place.PlanAsync(await ScanAsync(place, store, "semantic_duplicate"))).Operations;

        Assert.Equal(breaks ? 1 : 3, operations.Count);
        Assert.All(operations, operation => Assert.Equal(breaks, operation.NeedsReview));
        Assert.Equal(breaks, operations[0].Reason.Contains("'s' would break a rule that is kept now: on: expected", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("required_fields: { Q: [a] }", "clear", true)]
    [InlineData("required_fields: { Q: [b] }", "clear", false)]
    [InlineData("schemas: { Q: 'document:schema' }", "placeholder, placeholder: ph", true)]
    public async Task A_reference_was_taken_out_or_turned_though_the_document_breaks_a_rule_then(string rules, string repair, bool breaks)
    {
        await using var place = new Workplace($$"""
            validation:
              {{rules}}
              references: [ { document_type: Q, path: a, target_type: H, repair: {{repair}} } ]

            """);
        var store = WriteDump(place, Doc("schema", "\"properties\":{\"a\":{\"pattern\":\"^c-\"}}"), Doc("ph", "\"@type\":\"H\""), Doc("q", "\"@type\":\"Q\",\"a\":\"c-gone\""));

        var operation = Assert.Single((await place.PlanAsync(await ScanAsync(place, store, "missing_reference"))).Operations);

        Assert.Equal(breaks, operation.NeedsReview);
        Assert.Equal(breaks, operation.Reason.Contains("'q' would break a rule that is kept now: a: expected", StringComparison.Ordinal));
    }

    private static string[] Conflict(string other) =>
    [
        Schema,
        ServerScanTests.Doc("d", 1, ["a"], "\"@type\":\"G\""),
        ServerScanTests.Doc("d", 2, ["b", "a"], "\"@type\":\"G\",\"a\":1"),
        ServerScanTests.Doc("d", 2, ["c", "a"], "\"@type\":\"G\"," + other),
    ];
}
