using IntegrityTools.CouchDb.Validation;
using static IntegrityTools.Tests.Validation.ContentPlace;

namespace IntegrityTools.Tests.Validation;

public class ReferenceTests
{
    private static readonly string[] Documents =
    [
        Doc("c1", "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"h1\",\"stack\":\"s1\",\"dependsOn\":[\"c2\",\"c9\"]"),
        Doc("c2", "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"gone\",\"stack\":\"h1\",\"dependsOn\":[]"),
        Doc("c3", "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"dead\",\"dependsOn\":[\"c3\",\"c1\"]"),
        Doc("c4", "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"\",\"stack\":null,\"dependsOn\":7"),
        Doc("c5", "\"@type\":[\"Thing\",\"SoftwareApplication\"],\"hostedOn\":{\"@id\":\"h2\"},\"dependsOn\":[{\"@id\":\"zz\"}]"),
        Doc("dead", "\"_deleted\":true"),
        Doc("h1", "\"@type\":\"ComputerServer\""),
        Doc("h2", "\"@type\":[\"ComputerServer\",\"Thing\"]"),
        Doc("s1", "\"@type\":\"Stack\",\"hosts\":[\"h1\",\"h2\"],\"containers\":[\"c1\",\"h1\",\"c4\"]"),
    ];

    private static readonly string[] Expected =
    [
        "c1 missing_reference dependsOn[1]",
        "c2 missing_reference hostedOn stack",
        "c3 missing_reference hostedOn",
        "c5 missing_reference dependsOn[0]",
        "s1 missing_reference containers[1]",
    ];

    [Fact]
    public async Task References_of_a_dump_that_lead_nowhere_to_a_deletion_or_to_another_type_are_found()
    {
        var issues = await ScanDumpAsync("resolution: {}\n", "validation", Documents);

        Assert.Equal(Expected, Lines(issues));
        Assert.Equal(
            "hostedOn is \"gone\", expected the id of a ComputerServer: there is no such document; stack is \"h1\", expected the id of a Stack: it is a ComputerServer.",
            issues.Single(issue => issue.Subject == "c2").Message);
        Assert.Contains("it is deleted", issues.Single(issue => issue.Subject == "c3").Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task References_of_a_database_are_checked_by_the_same_rules() =>
        Assert.Equal(Expected, Lines(await ScanServerAsync("resolution: {}\n", "validation", Documents)));

    [Fact]
    public async Task A_list_of_rules_takes_the_place_of_the_default_and_reaches_into_arrays_of_objects()
    {
        const string Rules = """
            validation:
              references:
                - { document_type: order, path: 'lines[].item.id' }
            """;
        var issues = await ScanDumpAsync(
            Rules, "missing_reference",
            Doc("o", "\"type\":\"order\",\"lines\":[{\"item\":{\"id\":\"i\"}},{\"item\":{\"id\":\"j\"}},{\"item\":3},5]"),
            Doc("i", "\"x\":1"),
            Doc("c", "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"nowhere\""));

        Assert.Equal(["o missing_reference lines[1].item.id"], Lines(issues));
    }

    [Fact]
    public async Task One_value_where_a_list_is_meant_and_a_list_where_one_value_is_are_followed_and_were_passed_over()
    {
        string[] documents =
        [
            Doc("c1", "\"@type\":\"SoftwareApplication\",\"hostedOn\":[\"h1\",\"gone\"],\"stack\":[{\"@id\":\"nope\"}],\"dependsOn\":\"lost\""),
            Doc("c2", "\"@type\":\"SoftwareApplication\",\"hostedOn\":[\"h1\"],\"stack\":[],\"dependsOn\":\"c1\""),
            Doc("c3", "\"@type\":\"SoftwareApplication\",\"hostedOn\":[[\"h1\"],7,null],\"dependsOn\":{\"@id\":\"c1\"}"),
            Doc("h1", "\"@type\":\"ComputerServer\""),
            Doc("s1", "\"@type\":\"Stack\",\"hosts\":\"c1\",\"containers\":{\"@id\":\"h1\"}"),
        ];
        string[] expected = ["c1 missing_reference hostedOn[1] stack[0] dependsOn", "s1 missing_reference hosts containers"];

        Assert.Equal(expected, Lines(await ScanDumpAsync("resolution: {}\n", "validation", documents)));
    }

    [Theory]
    [InlineData("lines[].item.id", "\"lines\":{\"item\":[{\"id\":\"x\"},{\"id\":[\"y\",\"i\"]}]}", "lines.item[0].id lines.item[1].id[0]")]
    [InlineData("m.*.to", "\"m\":{\"a\":[{\"to\":\"x\"}],\"b\":{\"to\":\"i\"}}", "m.a[0].to")]
    [InlineData("l[1]", "\"l\":[\"x\",\"y\"]", "l[1]")]
    [InlineData("l[][]", "\"l\":[[\"x\",\"i\"],\"y\"]", "l[0][0] l[1]")]
    public async Task Paths_of_several_steps_go_through_lists_and_single_values_alike(string path, string members, string faults)
    {
        var rules = $"validation:\n  references:\n    - {{ document_type: o, path: '{path}' }}\n";

        Assert.Equal(["o missing_reference " + faults], Lines(await ScanDumpAsync(rules, "missing_reference", Doc("o", "\"type\":\"o\"," + members), Doc("i", "\"x\":1"))));
    }

    [Fact]
    public async Task The_winner_of_a_document_in_conflict_is_what_counts()
    {
        var issues = await ScanDumpAsync(
            "resolution: {}\n", "validation",
            CouchDb.ServerScanTests.Doc("c", 2, ["b", "a"], "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"nowhere\""),
            CouchDb.ServerScanTests.Doc("c", 2, ["c", "a"], "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"h\""),
            Doc("h", "\"@type\":\"ComputerServer\""));

        Assert.Empty(issues);
    }

    [Fact]
    public async Task A_subject_alone_is_held_against_the_whole_store()
    {
        await using var place = new Repair.Workplace();
        var store = WriteDump(place, Documents);
        var issues = await place.Engine
            .ScanAsync(new ScanOptions { Store = store, Types = ["validation"], Subjects = ["c1", "h1"] }, default).ToListAsync();

        Assert.Equal(["c1 missing_reference dependsOn[1]"], Lines(issues));
    }

    [Fact]
    public async Task More_open_references_than_memory_is_meant_for_wait_in_a_file()
    {
        using var open = new OpenReferences();
        var target = new string('t', 1000);
        for (var number = 0; number < 6000; number++)
        {
            open.Add(new ReferringDocument($"d{number}", "1-a", number % 2 == 0 ? null : "x", [new OpenReference("p", "p", target, null, number % 3 == 0)]));
        }

        var read = open.Read().ToList();

        Assert.Equal(Enumerable.Range(0, 6000).Select(number => $"d{number}"), read.Select(document => document.Id));
        Assert.All(read, document => Assert.Equal(target, Assert.Single(document.References).Target));
        Assert.Equal(2000, read.Count(document => document.References[0].HasRepair));
        await Task.CompletedTask;
    }

    [Fact]
    public void The_set_of_documents_takes_no_document_that_is_there_for_missing()
    {
        var set = new DocumentSet();
        for (var number = 0; number < 100_000; number++)
        {
            set.Add($"id{number}", number % 3 == 0 ? ["a"] : number % 3 == 1 ? ["a", "b"] : []);
        }

        set.Add("id1", ["a", "b"]);
        Assert.Equal(100_000, set.Count);
        for (var number = 0; number < 100_000; number++)
        {
            Assert.True(set.Has($"id{number}", null));
            Assert.Equal(number % 3 < 2, set.Has($"id{number}", "a"));
            Assert.Equal(number % 3 == 1, set.Has($"id{number}", "b"));
        }

        Assert.False(set.Has("id100000", null));
    }
}
