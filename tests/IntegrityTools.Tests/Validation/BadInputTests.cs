using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.Validation.ContentPlace;

namespace IntegrityTools.Tests.Validation;

/// <summary>Schemas and documents that are not what one expects: each is named, and the rest is looked at.</summary>
public class BadInputTests
{
    private const string Rules = """
        validation:
          schemas: { Good: good.json, Broken: broken.json, Loop: loop.json, Endless: endless.json, Hostile: hostile.json }
          required_fields: { Good: ['a.b'] }
        """;

    [Fact]
    public async Task Schemas_that_do_not_compile_never_end_or_take_too_long_are_named_and_the_others_go_on()
    {
        await using var place = new Workplace(Rules);
        await WriteAsync(place, "good.json", """{"type":"object","required":["a"],"properties":{"n":{"type":"integer"}}}""");
        await WriteAsync(place, "broken.json", """{"type":"thing"}""");
        await WriteAsync(place, "loop.json", """{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}""");

        // It refers to itself one level deeper each time, which ends with the document: it is right.
        await WriteAsync(place, "endless.json", """{"properties":{"next":{"$ref":"#"},"v":{"type":"string"}}}""");
        await WriteAsync(place, "hostile.json", """{"properties":{"t":{"pattern":"^(a+)+\\1b$"}}}""");
        var issues = await ScanAsync(
            place,
            WriteDump(
                place,
                Doc("b", "\"@type\":\"Broken\""), Doc("l", "\"@type\":\"Loop\""), Doc("e", "\"@type\":\"Endless\",\"next\":{\"next\":{\"v\":1}}"),
                Doc("h", $"\"@type\":\"Hostile\",\"t\":\"{new string('a', 5000)}!\""), Doc("h2", "\"@type\":\"Hostile\",\"t\":7"),
                Doc("g", "\"@type\":\"Good\",\"a\":{\"b\":1},\"n\":\"x\"")),
            "validation");

        Assert.Equal(["broken.json", "hostile.json", "loop.json"], Schemas(issues, IssueTypes.UnusableSchema));
        Assert.Equal(["e next.next.v", "g n"], issues.Where(issue => issue.Type == IssueTypes.SchemaViolation)
            .Select(issue => $"{issue.Subject} {((DocumentEvidence)issue.Evidence).Faults[0].Path}").Order(StringComparer.Ordinal));
        Assert.Equal(5, issues.Count);
    }

    [Fact]
    public async Task References_in_cycles_are_followed_once()
    {
        var issues = await ScanDumpAsync(
            "resolution: {}\n", "validation",
            Doc("a", "\"@type\":\"SoftwareApplication\",\"dependsOn\":[\"b\",\"a\"]"), Doc("b", "\"@type\":\"SoftwareApplication\",\"dependsOn\":[\"c\"]"),
            Doc("c", "\"@type\":\"SoftwareApplication\",\"dependsOn\":[\"a\",\"b\",\"z\"]"));

        Assert.Equal(["c missing_reference dependsOn[2]"], Lines(issues));
    }

    [Fact]
    public async Task Values_that_are_no_objects_where_objects_are_expected_are_faults_and_no_failure()
    {
        await using var place = new Workplace(Rules);
        await WriteAsync(place, "good.json", """{"type":"object","properties":{"a":{"type":"object","required":["b"]}}}""");
        var path = place.PathOf("dump.jsonl");
        await File.WriteAllLinesAsync(path, [
            $"[{Doc("n", "\"@type\":\"Good\",\"a\":7")},{Doc("l", "\"@type\":\"Good\",\"a\":[]")},{Doc("t", "\"@type\":[7,{}]")},{Doc("r", "\"@type\":\"SoftwareApplication\",\"hostedOn\":[1,{}],\"dependsOn\":{}")}]",
            "7", "[\"text\",null,[]]", $"[{Doc("o", "\"@type\":\"Good\",\"a\":{\"b\":1}")}]"]);
        var issues = await ScanAsync(place, "couchdump:" + path, "all");

        Assert.Equal(
            ["l missing_field a.b", "l schema_violation a", "n missing_field a.b", "n schema_violation a"],
            Lines(issues.Where(issue => issue.Evidence is DocumentEvidence)));
        Assert.Equal(4, issues.Count(issue => issue.Type == IssueTypes.UnreadableEntry));
    }

    private static IEnumerable<string> Schemas(IEnumerable<IntegrityIssue> issues, string type) =>
        issues.Where(issue => issue.Type == type).Select(issue => Path.GetFileName(((SchemaEvidence)issue.Evidence).Schema)).Order(StringComparer.Ordinal);

    private static Task WriteAsync(Workplace place, string name, string schema) => File.WriteAllTextAsync(place.PathOf(name), schema);
}
