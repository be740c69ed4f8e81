using IntegrityTools.Configuration;
using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Scanning;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.CouchDb;

public class ServerScanTests
{
    [SkippableFact]
    public async Task Finds_conflicts_and_edits_against_deletions_and_nothing_else()
    {
        var server = await CouchDbServer.RequireAsync();
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(
            database,
            Doc("plain", 1, ["a"], "\"x\":1"),
            Doc("two", 2, ["b", "a"], "\"x\":1,\"type\":\"note\""), Doc("two", 2, ["c", "a"], "\"x\":2,\"type\":\"note\""),
            Doc("same", 2, ["b", "a"], "\"x\":1,\"y\":2"), Doc("same", 2, ["c", "a"], "\"y\":2, \"x\":1"),
            Doc("edited", 3, ["c", "b", "a"], "\"x\":1"), Doc("edited", 3, ["d", "b", "a"], "\"_deleted\":true"),
            Doc("resolved", 2, ["c", "a"], "\"x\":1"), Doc("resolved", 3, ["e", "d", "a"], "\"_deleted\":true"),
            Doc("dead", 2, ["c", "a"], "\"_deleted\":true"), Doc("dead", 2, ["d", "a"], "\"_deleted\":true"),
            Doc(".", 2, ["b", "a"], "\"x\":1"), Doc(".", 2, ["c", "a"], "\"x\":2"),
            Doc("a b/c+d%25é", 1, ["b"], "\"x\":1"), Doc("a b/c+d%25é", 1, ["c"], "\"x\":2"));

        var issues = await ScanAsync(server, database);

        Assert.Equal(
            [
                (".", "revision_conflict"), ("a b/c+d%25é", "revision_conflict"), ("edited", "edit_delete_conflict"),
                ("same", "revision_conflict"), ("two", "revision_conflict"),
            ],
            issues.Select(issue => (issue.Subject, issue.Type)).OrderBy(pair => pair.Subject, StringComparer.Ordinal));
        var two = issues.Single(issue => issue.Subject == "two");
        var evidence = Assert.IsType<ConflictEvidence>(two.Evidence);
        Assert.Equal("note", two.DocumentType);
        Assert.Equal("2-c", evidence.WinningRevision);
        Assert.Equal("1-a", evidence.CommonAncestor);
        Assert.False(evidence.AncestorAvailable);
        Assert.Equal(["x"], evidence.Leaves[1].ChangedFields);
        Assert.True(Assert.IsType<ConflictEvidence>(issues.Single(issue => issue.Subject == "same").Evidence).IdenticalBodies);

        var resolved = await ScanAsync(server, database, "resolved_conflict");
        Assert.Equal("resolved", Assert.Single(resolved).Subject);
    }

    [SkippableFact]
    public async Task An_ancestor_that_the_server_still_has_is_compared_with()
    {
        var server = await CouchDbServer.RequireAsync();
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, Doc("d", 1, ["a"], "\"x\":1,\"y\":1"));
        await server.InsertAsync(database, Doc("d", 2, ["b", "a"], "\"x\":2,\"y\":1"), Doc("d", 2, ["c", "a"], "\"x\":1,\"y\":3"));

        var evidence = Assert.IsType<ConflictEvidence>(Assert.Single(await ScanAsync(server, database)).Evidence);

        Assert.True(evidence.AncestorAvailable);
        Assert.Equal(["y"], evidence.Leaves[0].ChangedSinceAncestor);
        Assert.Equal(["x"], evidence.Leaves[1].ChangedSinceAncestor);
    }

    [SkippableFact]
    public async Task The_evidence_of_a_leaf_tells_its_time_its_attachments_and_what_it_changed()
    {
        var server = await CouchDbServer.RequireAsync();
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(
            database,
            Doc("d", 1, ["a"], "\"x\":1,\"updatedAt\":\"2026-01-01T00:00:00Z\""),
            Doc("d", 2, ["b", "a"], "\"x\":1,\"updatedAt\":\"2026-01-02T01:00:00+02:00\",\"_attachments\":{\"f.bin\":{\"content_type\":\"image/x\",\"data\":\"AAEC\"}}"),
            Doc("d", 3, ["d", "c", "a"], "\"x\":2,\"updatedAt\":\"2026-01-03T00:00:00Z\""));

        var evidence = Assert.IsType<ConflictEvidence>(Assert.Single(await ScanAsync(server, database)).Evidence);

        var leaf = evidence.Leaves.Single(item => item.Revision == "2-b");
        Assert.Equal((2, false, "updatedAt"), (leaf.Generation, leaf.Deleted, leaf.TimestampField));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 23, 0, 0, TimeSpan.Zero), leaf.Timestamp);
        Assert.Equal(("f.bin", "image/x", 3), (leaf.Attachments[0].Name, leaf.Attachments[0].ContentType, leaf.Attachments[0].Length));
        Assert.Equal(["_attachments['f.bin']", "updatedAt", "x"], leaf.ChangedFields.Order(StringComparer.Ordinal));
        Assert.Equal(["_attachments['f.bin']", "updatedAt"], leaf.ChangedSinceAncestor!.Order(StringComparer.Ordinal));
        Assert.NotEqual(leaf.BodyDigest, evidence.Leaves.Single(item => item.Revision == "3-d").BodyDigest);
    }

    [SkippableFact]
    public async Task A_thousand_leaves_on_one_document_are_one_critical_issue()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, [.. Enumerable.Range(0, 1000).Select(number => Doc("d", 2, [$"b{number}", "a"], $"\"x\":{number}"))]);

        var issue = Assert.Single(await ScanAsync(server, database));

        Assert.Equal(Severity.Critical, issue.Severity);
        Assert.Equal(1000, Assert.IsType<ConflictEvidence>(issue.Evidence).LiveLeaves);
    }

    [SkippableFact]
    public async Task The_issue_keeps_its_id_when_a_branch_goes_on()
    {
        var server = await CouchDbServer.RequireAsync();
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, Doc("d", 2, ["b", "a"], "\"x\":1"), Doc("d", 2, ["c", "a"], "\"x\":2"));
        var before = Assert.Single(await ScanAsync(server, database)).Id;

        await server.InsertAsync(database, Doc("d", 3, ["d", "c", "a"], "\"x\":3"));

        Assert.Equal(before, Assert.Single(await ScanAsync(server, database)).Id);
    }

    internal static async Task<List<IntegrityIssue>> ScanAsync(CouchDbServer server, string database, string types = "all")
    {
        await using var source = new ServerSource(new CouchClient(server.Address, database, server.Credential));
        return await ScanAsync(source, types);
    }

    internal static async Task<List<IntegrityIssue>> ScanAsync(ICouchSource source, string types = "all", ScanStatistics? statistics = null)
    {
        var scanner = new ConflictScanner(source, "store", new ResolutionSettings(), (_, _) => true, new CouchOptions());
        var request = new ScanRequest { ScanId = "scan-1", Types = IssueTypes.Expand([types]) };
        var issues = new List<IntegrityIssue>();
        await foreach (var issue in scanner.ScanAsync(request, statistics ?? new ScanStatistics(), CancellationToken.None))
        {
            issues.Add(issue);
        }

        return issues;
    }

    internal static string Doc(string id, int generation, string[] hashes, string members) =>
        $"{{\"_id\":\"{id}\",\"_rev\":\"{generation}-{hashes[0]}\",\"_revisions\":{{\"start\":{generation},\"ids\":[\"{string.Join("\",\"", hashes)}\"]}},{members}}}";
}
