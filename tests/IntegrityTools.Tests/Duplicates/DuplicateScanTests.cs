using IntegrityTools.CouchDb.Duplicates;
using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.Validation.ContentPlace;

namespace IntegrityTools.Tests.Duplicates;

public class DuplicateScanTests
{
    private static readonly string[] Documents =
    [
        Doc("a1", "\"@type\":\"SoftwareApplication\",\"name\":\"web\",\"hostedOn\":\"h1\""),
        Doc("a2", "\"@type\":\"SoftwareApplication\",\"name\":\" web\\t\",\"hostedOn\":{\"@id\":\"h1\"}"),
        Doc("a3", "\"@type\":\"SoftwareApplication\",\"name\":\"web\",\"hostedOn\":\"h2\""),
        Doc("a4", "\"@type\":\"SoftwareApplication\",\"name\":\"Web\",\"hostedOn\":\"h1\""),
        Doc("a5", "\"@type\":\"SoftwareApplication\",\"name\":\"web\""),
        Doc("b1", "\"@type\":\"Book\",\"identifier\":\"caf\\u00e9\""),
        Doc("b2", "\"@type\":\"Book\",\"identifier\":\"cafe\\u0301\""),
        Doc("b3", "\"@type\":\"Film\",\"identifier\":\"caf\\u00e9\""),
        Doc("b4", "\"@type\":\"Book\",\"identifier\":\"\""),
        Doc("b5", "\"@type\":\"Book\",\"identifier\":\" \""),
        Doc("n1", "\"@type\":\"Book\",\"identifier\":1"),
        Doc("n2", "\"@type\":\"Book\",\"identifier\":\"1\""),
        Doc("n3", "\"@type\":\"Book\",\"identifier\":[\"1\"]"),
        Doc("n4", "\"@type\":\"Book\",\"identifier\":null"),
        Doc("gone", "\"@type\":\"Book\",\"identifier\":\"caf\\u00e9\",\"_deleted\":true"),
    ];

    private static readonly string[] Expected = ["a1 SoftwareApplication: a1 a2", "b1 Book: b1 b2"];

    [Fact]
    public async Task Documents_of_a_dump_with_one_key_under_several_ids_are_found_and_nothing_else_is()
    {
        var issues = await ScanDumpAsync("resolution: {}\n", "semantic_duplicate", Documents);

        Assert.Equal(Expected, Groups(issues));
        Assert.Equal("2 documents are one SoftwareApplication (name \"web\", hostedOn \"h1\"): a1, a2.", issues.Single(issue => issue.Subject == "a1").Message);
    }

    [SkippableFact]
    public async Task And_of_a_database() => Assert.Equal(Expected, Groups(await ScanServerAsync("resolution: {}\n", "duplicates", Documents)));

    [Fact]
    public async Task Case_counts_unless_it_is_configured_not_to_and_never_in_a_reference()
    {
        const string Rules = """
            validation:
              identities: [ { document_type: SoftwareApplication, fields: [name, hostedOn], ignore: [case] } ]
            """;
        var issues = await ScanDumpAsync(Rules, "semantic_duplicate", [.. Documents, Doc("a6", "\"@type\":\"SoftwareApplication\",\"name\":\"web\",\"hostedOn\":\"H1\"")]);

        Assert.Equal(["a1 SoftwareApplication: a1 a4"], Groups(issues));
    }

    [Fact]
    public async Task A_number_is_one_key_however_it_is_written_and_no_text()
    {
        var issues = await ScanDumpAsync(
            "resolution: {}\n", "semantic_duplicate",
            Doc("a", "\"identifier\":1"), Doc("b", "\"identifier\":1.0"), Doc("c", "\"identifier\":10e-1"), Doc("d", "\"identifier\":\"1\""), Doc("e", "\"identifier\":1.01"));

        Assert.Equal(["a", "b", "c"], ((DuplicateEvidence)Assert.Single(issues).Evidence).Documents.Select(document => document.Id));
    }

    [Fact]
    public async Task A_list_of_one_is_the_same_key_as_its_element_and_a_list_of_several_is_none()
    {
        static string App(string id, string host) => Doc(id, $"\"@type\":\"SoftwareApplication\",\"name\":\"web\",\"hostedOn\":{host}");
        var issues = await ScanDumpAsync(
            "resolution: {}\n", "semantic_duplicate",
            App("a", "\"h1\""), App("b", "[\"h1\"]"), App("c", "[{\"@id\":\"h1\"}]"), App("d", "[\"h1\",\"h2\"]"), App("e", "[]"), App("f", "[[\"h1\"]]"));

        Assert.Equal(["a", "b", "c"], ((DuplicateEvidence)Assert.Single(issues).Evidence).Documents.Select(document => document.Id));
    }

    [Theory]
    [InlineData("fields: [identifier]")]
    [InlineData("document_type: '*', fields: [identifier]")]
    public async Task A_group_that_two_rules_find_is_told_once_and_one_document_may_stand_in_two(string anyType)
    {
        var rules = $"validation:\n  identities: [ {{ {anyType} }}, {{ document_type: T, fields: [a.b] }} ]\n";
        var issues = await ScanDumpAsync(
            rules, "semantic_duplicate",
            Doc("d1", "\"type\":\"T\",\"identifier\":\"x\",\"a\":{\"b\":2}"),
            Doc("d2", "\"type\":\"T\",\"identifier\":\"x\",\"a\":{\"b\":2}"),
            Doc("e1", "\"type\":\"T\",\"identifier\":\"y\",\"a\":{\"b\":3}"),
            Doc("e2", "\"type\":\"T\",\"identifier\":\"y\",\"a\":{\"b\":4}"),
            Doc("e3", "\"type\":\"T\",\"identifier\":\"z\",\"a\":{\"b\":4}"));

        Assert.Equal(["d1 T: d1 d2", "e1 T: e1 e2", "e2 T: e2 e3"], Groups(issues));
    }

    [Fact]
    public async Task The_same_group_found_again_is_the_same_issue_and_a_subject_alone_is_held_against_the_whole_store()
    {
        await using var place = new Workplace();
        var store = WriteDump(place, Documents);
        var first = await ScanAsync(place, store, "semantic_duplicate");
        var second = await place.Engine
            .ScanAsync(new ScanOptions { Store = store, Types = ["semantic_duplicate"], Subjects = ["a2"] }, default).ToListAsync();

        Assert.Equal(first.Single(issue => issue.Subject == "a1").Id, Assert.Single(second).Id);
    }

    [Fact]
    public async Task Of_a_thousand_documents_with_one_key_the_first_are_listed_and_all_are_counted()
    {
        var documents = Enumerable.Range(0, 1200).Select(number => Doc($"d{number:D4}", "\"type\":\"T\",\"identifier\":\"x\"")).ToArray();
        var issue = Assert.Single(await ScanDumpAsync("resolution: {}\n", "semantic_duplicate", documents));
        var evidence = (DuplicateEvidence)issue.Evidence;

        Assert.Equal((1200, 1000, false), (evidence.Count, evidence.Documents.Count, issue.CanAutoResolve));
    }

    [Fact]
    public void More_keys_than_memory_is_meant_for_wait_in_a_file()
    {
        using var ids = new KeyedIds();
        var repeated = new RepeatedKeys();
        for (var number = 0; number < 300_000; number++)
        {
            var hash = (ulong)(number % 299_000) * 0x9E3779B97F4A7C15;
            ids.Add(hash, $"document-{number}");
            repeated.Add(hash);
        }

        Assert.Equal(2000, repeated.Suspects);
        var found = ids.Read().Where(item => repeated.IsRepeated(item.Hash)).Select(item => item.Id).ToList();
        Assert.Equal(Enumerable.Range(0, 1000).Concat(Enumerable.Range(299_000, 1000)).Select(number => $"document-{number}"), found);
        Assert.Equal(300_000, ids.Read().Count());
    }

    private static IEnumerable<string> Groups(IEnumerable<IntegrityIssue> issues) => issues
        .Select(issue => $"{issue.Subject} {issue.DocumentType}: {string.Join(' ', ((DuplicateEvidence)issue.Evidence).Documents.Select(document => document.Id))}")
        .Order(StringComparer.Ordinal);
}
