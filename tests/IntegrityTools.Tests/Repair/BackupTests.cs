using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Repair;

/// <summary>What a repair saves and writes is good elsewhere too: for a plan of its own, and for couchrestore.</summary>
public class BackupTests
{
    [SkippableFact]
    public async Task A_merge_planned_from_the_backup_equals_the_one_planned_from_the_server()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n", real: true, [.. new RandomTrees(51).Documents(60).SelectMany(document => document.Revisions)]);
        var plan = await place.Place.PlanAsync(await place.Place.ScanAsync(place.Store), Strategy.Merge);
        await place.Place.RunAsync(plan);
        var backup = (await place.Place.Engine.GetExecutionAsync(place.Place.Execution!.Id, default)).BackupPath!;

        var again = await place.Place.PlanAsync(await place.Place.ScanAsync("couchdump:" + backup), Strategy.Merge);

        var saved = plan.Operations.Where(operation => !operation.NeedsReview).ToList();
        Assert.Contains(saved, operation => operation.Action is ResolveConflictAction { Body: not null });
        Assert.Equal(saved.Select(Told).Order(StringComparer.Ordinal), again.Operations.Select(Told).Order(StringComparer.Ordinal));
    }

    /// <summary>couchbackup's client library writes contentType.</summary>
    [Fact]
    public async Task Attachments_in_either_spelling_of_their_type_are_merged_in_a_dump()
    {
        await using var place = new Workplace();
        var dump = place.PathOf("dump.jsonl");
        await File.WriteAllLinesAsync(
            dump,
            [
                $"[{ServerScanTests.Doc("d", 1, ["a"], "\"x\":1")}]",
                $"[{ServerScanTests.Doc("d", 2, ["b", "a"], "\"x\":2,\"_attachments\":{\"f\":{\"contentType\":\"text/f\",\"revpos\":2,\"data\":\"Zg==\"}}")}]",
                $"[{ServerScanTests.Doc("d", 2, ["c", "a"], "\"x\":1,\"_attachments\":{\"g\":{\"content_type\":\"text/g\",\"revpos\":2,\"data\":\"Zw==\"}}")}]",
            ]);

        await place.RunAsync(await place.PlanAsync(await place.ScanAsync("couchdump:" + dump)), place.PathOf("repaired.jsonl"));

        await using var repaired = new IntegrityTools.CouchDb.Dumps.DumpSource(place.PathOf("repaired.jsonl"));
        var winner = (await repaired.ReadLeavesAsync(["d"], default).SingleAsync()).Winner;
        Assert.Equal([("f", "text/f"), ("g", "text/g")], winner.Attachments.Select(item => (item.Name, item.ContentType)).Order());
        Assert.Equal(2, winner.Body.Parse().RootElement.GetProperty("x").GetInt32());
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Couchrestore_takes_a_repaired_dump_and_a_backup(bool backup)
    {
        var couchrestore = CouchRestore.Require();
        var revisions = Enumerable.Range(0, 20).SelectMany(number => new[]
        {
            ServerScanTests.Doc($"d {number}", 1, ["a"], "\"x\":1,\"y\":1"),
            ServerScanTests.Doc($"d {number}", 2, ["b", "a"], "\"x\":2,\"y\":1"),
            ServerScanTests.Doc($"d {number}", 2, ["c", "a"], $"\"x\":1,\"y\":{number}"),
        }).ToArray();
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, revisions);
        var file = place.Place.PathOf("repaired.jsonl");
        if (backup)
        {
            await place.RepairAsync();
            file = (await place.Place.Engine.GetExecutionAsync(place.Place.Execution!.Id, default)).BackupPath!;
        }
        else
        {
            var dump = place.Place.PathOf("dump.jsonl");
            await File.WriteAllLinesAsync(dump, ["""{"name":"@cloudant/couchbackup","version":"2.11.12","mode":"full"}""", .. revisions.Select(revision => $"[{revision}]")]);
            await place.Place.RunAsync(await place.Place.PlanAsync(await place.Place.ScanAsync("couchdump:" + dump)), file);
        }

        var database = await place.Server.CreateDatabaseAsync();
        await CouchRestore.RunAsync(couchrestore, place.Server, database, File.OpenRead(file));

        using var restored = JsonDocument.Parse(await place.Server.GetAsync($"{database}/_all_docs?include_docs=true&conflicts=true"));
        var documents = restored.RootElement.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("doc")).ToList();
        Assert.Equal(20, documents.Count);
        Assert.All(documents, document =>
        {
            Assert.Equal(backup, document.TryGetProperty("_conflicts", out var conflicts) && conflicts.GetArrayLength() == 1);
            Assert.True(backup || document.GetProperty("x").GetInt32() == 2);
        });
        await place.Server.DeleteAsync(database);
    }

    private static string Told(RepairOperation operation) =>
        $"{operation.Subject} {operation.Type} {operation.Strategy} {operation.Risk} {operation.Reason} {operation.NewValue} {(operation.Action as ResolveConflictAction)?.ResultDigest}";
}
