using System.Globalization;
using static IntegrityTools.Tests.Validation.ContentPlace;

namespace IntegrityTools.Tests.Validation;

public class FieldTests
{
    private const string Rules = """
        validation:
          known_types: [Host, Container]
          required_fields:
            Container: [name, 'ports[].number', labels.team]
        """;

    private static readonly string[] Documents =
    [
        Doc("right", "\"@type\":\"Container\",\"name\":null,\"ports\":[{\"number\":1}],\"labels\":{\"team\":\"x\"}"),
        Doc("wrong", "\"@type\":\"Container\",\"ports\":[{\"number\":1},{},7],\"labels\":[]"),
        Doc("odd", "\"@type\":\"Planet\""),
        Doc("plain", "\"x\":1"),
        Doc("_design/app", "\"@type\":\"Planet\""),
        Doc("gone", "\"@type\":\"Planet\",\"_deleted\":true"),
    ];

    private static readonly string[] Expected = ["odd unknown_type @type", "wrong missing_field name ports[1].number ports[2].number labels.team"];

    [Fact]
    public async Task Missing_fields_and_unknown_types_of_a_dump_are_found() =>
        Assert.Equal(Expected, Lines(await ScanDumpAsync(Rules, "validation", Documents)));

    [SkippableFact]
    public async Task And_of_a_database() => Assert.Equal(Expected, Lines(await ScanServerAsync(Rules, "validation", Documents)));

    [Fact]
    public async Task Strict_mode_asks_for_a_type_and_knows_those_that_the_rules_name()
    {
        var issues = await ScanDumpAsync(
            "validation:\n  strict_mode: true\n", "unknown_type",
            Doc("a", "\"x\":1"), Doc("b", "\"type\":\"note\""), Doc("c", "\"@type\":\"Stack\""));

        Assert.Equal(["a unknown_type @type", "b unknown_type @type"], Lines(issues));
    }

    [Fact]
    public async Task The_same_fault_found_again_is_the_same_issue()
    {
        var first = await ScanDumpAsync(Rules, "validation", Documents);
        var other = await ScanDumpAsync(Rules, "validation", [.. Documents, Doc("another", "\"@type\":\"Host\"")]);

        Assert.Equal(first.Select(issue => (issue.Type, issue.Subject)), other.Select(issue => (issue.Type, issue.Subject)));
        Assert.Equal(2, first.Select(issue => issue.Id).Distinct().Count());
    }

    [Fact]
    public async Task Without_a_type_bodies_are_read_once_when_the_configuration_has_rules_for_them()
    {
        await using var place = new Repair.Workplace(Rules);
        var store = WriteDump(place, Documents);

        Assert.Equal(2, (await place.ScanAsync(store)).Count);
        Assert.Equal(2, (await ScanAsync(place, store, "all")).Count);
        Assert.Empty(await ScanAsync(place, store, "conflicts"));
    }

    [SkippableTheory]
    [InlineData("dump")]
    [InlineData("server")]
    public async Task Unusual_but_right_content_is_no_fault(string where)
    {
        // Escaped names, lone surrogates, names that repeat, numbers that no double holds, deep nesting, empty names, ids that no path can carry.
        var odd = new List<string>
        {
            Doc(".", "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"..\""),
            Doc("..", "\"@type\":\"ComputerServer\",\"\":{\"\":[]}"),
            Doc("h\\\"\\\\ü%2F/\\u00e9", "\"\\u0040type\":\"Computer\\u0053erver\",\"a\":1,\"a\":2"),
            Doc("c1", "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"h\\u0022\\\\ü%2F/é\",\"m\":9007199254740993.10"),
            Doc("c2", "\"@type\":\"SoftwareApplication\",\"dependsOn\":[\"c2\"],\"deep\":" + new string('[', 150) + new string(']', 150)),
            Doc("c3", "\"@type\":[],\"hostedOn\":\"nobody\""),
            Doc("c4", "\"@type\":7,\"type\":{\"a\":1}"),
        };
        if (where == "dump")
        {
            // CouchDB takes neither lone surrogates nor such numbers; other servers of its protocol do.
            odd.Add(Doc("c5", "\"@type\":\"SoftwareApplication\",\"x\":{\"\\udfff\":\"\\ud800\"},\"n\":1e400,\"hostedOn\":{\"\\udfff\":1,\"@id\":\"..\"}"));
        }

        for (var number = 0; number < 300; number++)
        {
            odd.Add(Doc(string.Create(CultureInfo.InvariantCulture, $"n{number}"), $"\"@type\":\"SoftwareApplication\",\"dependsOn\":[\"n{(number * 7) % 300}\"]"));
        }

        var issues = where == "dump"
            ? await ScanDumpAsync("resolution: {}\n", "all", [.. odd])
            : await ScanServerAsync("resolution: {}\n", "all", [.. odd]);

        Assert.Empty(issues);
    }
}
