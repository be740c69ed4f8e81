using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;
using IntegrityTools.Tests.Validation;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>Scans of one partition.</summary>
public class PartitionScanTests
{
    private const string Rules = "validation:\n  required_fields: { Task: [title] }\n";

    private static readonly string[] Documents =
    [
        ServerScanTests.Doc("a:1", 2, ["b", "a"], "\"x\":1"), ServerScanTests.Doc("a:1", 2, ["c", "a"], "\"x\":2"),
        ServerScanTests.Doc("a:2", 3, ["c", "b", "a"], "\"x\":1"), ServerScanTests.Doc("a:2", 3, ["d", "b", "a"], "\"_deleted\":true"),
        ServerScanTests.Doc("b:1", 2, ["b", "a"], "\"x\":1"), ServerScanTests.Doc("b:1", 2, ["c", "a"], "\"x\":2"),
        ServerScanTests.Doc("b:2", 1, ["a"], "\"@type\":\"Task\""), ServerScanTests.Doc("a:3", 1, ["a"], "\"@type\":\"Task\""),
        ServerScanTests.Doc("a:4", 1, ["a"], "\"@type\":\"SoftwareApplication\",\"hostedOn\":\"b:3\""),
        ServerScanTests.Doc("b:3", 1, ["a"], "\"@type\":\"ComputerServer\""),
        .. Enumerable.Range(10, 250).Select(number => ServerScanTests.Doc($"a:{number}", 1, ["a"], "\"x\":1")),
    ];

    [SkippableTheory]
    [InlineData("server")]
    [InlineData("dump")]
    public async Task A_partition_is_scanned_by_itself_with_references_into_the_others(string where)
    {
        await using var place = new Workplace(Rules, where == "server" ? (await CouchDbServer.RequireAsync(real: true)).Credential : null);
        var store = where == "server" ? await OnServerAsync() : ContentPlace.WriteDump(place, Documents);

        var (issues, report) = await place.ScanAsync(new ScanOptions { Store = store, Partition = "a" });

        Assert.Equal(
            ["a:1 revision_conflict", "a:2 edit_delete_conflict", "a:3 missing_field"], issues.Select(issue => $"{issue.Subject} {issue.Type}").Order(StringComparer.Ordinal));
        Assert.Equal("a", report.Scope.Partition);
        Assert.Null(report.Checkpoint);
        Assert.Equal(2, (await place.ScanAsync(new ScanOptions { Store = store, Partition = "b" })).Issues.Count);
        var (none, empty) = await place.ScanAsync(new ScanOptions { Store = store, Partition = "nobody" });
        Assert.Empty(none);
        Assert.Equal(where == "server", empty.Remarks.Contains("There is no document in the partition 'nobody'."));
        Assert.DoesNotContain(report.Remarks, remark => remark.StartsWith("There is no document", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Only_the_partition_is_listed()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        await using var place = await Workplace.ForServerAsync(server);
        var store = await OnServerAsync();
        using var proxy = new CuttingProxy(server.Address);

        var (issues, report) = await place.ScanAsync(new ScanOptions { Store = store.Replace(server.Address.Authority, proxy.Authority, StringComparison.Ordinal), Partition = "a" });

        Assert.Equal((2, 254L), (issues.Count, report.Documents));
        Assert.Contains(proxy.Requests, line => line.Contains("/_partition/a/_all_docs?include_docs=false", StringComparison.Ordinal));
        Assert.DoesNotContain(proxy.Requests, line => line.Contains("_changes", StringComparison.Ordinal) && !line.Contains("_doc_ids", StringComparison.Ordinal));
        Assert.Equal(3, proxy.Requests.Count(line => line.Contains("_doc_ids", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task A_database_without_partitions_and_a_name_that_is_none_are_refused()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true);
        Assert.Contains("not partitioned", (await RefusalAsync(place.Place, place.Store, "a")).Message, StringComparison.Ordinal);
        var store = await OnServerAsync();
        Assert.Contains("no partition's name", (await RefusalAsync(place.Place, store, "_design")).Message, StringComparison.Ordinal);
        Assert.Contains("no partition's name", (await RefusalAsync(place.Place, store, "a:1")).Message, StringComparison.Ordinal);
        Assert.Contains("Of a partition none of these can be told: count_mismatch", (await RefusalAsync(place.Place, store, "a", "count_mismatch")).Message, StringComparison.Ordinal);
    }

    private static async Task<IntegrityException> RefusalAsync(Workplace place, string store, string partition, params string[] types)
    {
        var refusal = await Assert.ThrowsAsync<IntegrityException>(() => place.ScanAsync(new ScanOptions { Store = store, Partition = partition, Types = types }));
        Assert.Equal(ErrorIds.InvalidArgument, refusal.ErrorId);
        return refusal;
    }

    private static async Task<string> OnServerAsync()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = "t" + Guid.NewGuid().ToString("N");
        await server.PutAsync(database + "?partitioned=true", "");
        await server.InsertAsync(database, Documents);
        return $"couchdb://{server.Address.Authority}/{database}";
    }
}
