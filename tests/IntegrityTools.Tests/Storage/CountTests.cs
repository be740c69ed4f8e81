using System.Globalization;
using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Storage;

public class CountTests
{
    private const string View = """{"autoupdate":false,"views":{"by_n":{"map":"function(d){if(d.n)emit(d.n)}"}}}""";
    private const string SameView = """{"autoupdate":false,"views":{"numbers":{"map":"function(d){if(d.n)emit(d.n)}"}}}""";

    [SkippableFact]
    public async Task An_index_file_of_another_database_answers_another_count_and_is_made_anew()
    {
        var server = await CouchDbServer.StartOwnAsync();
        var database = await server.CreateDatabaseAsync();
        var other = await server.CreateDatabaseAsync();
        foreach (var (name, step) in new[] { (database, 1), (other, 2) })
        {
            await server.InsertAsync(name, Documents(40, number => number % step == 0 ? "\"n\":1" : "\"m\":1"));
            await server.PutAsync($"{name}/_design/v", View);
            await server.PutAsync($"{name}/_design/w", SameView);
            await server.GetAsync($"{name}/_design/v/_view/by_n?limit=0");
            await server.GetAsync($"{name}/_design/w/_view/numbers?limit=0");
        }

        await using var place = new Workplace(credential: server.Credential);
        var store = $"couchdb://{server.Address.Authority}/{database}";
        Assert.Empty(await place.ScanAsync(store));
        var signature = Text(await server.GetAsync($"{database}/_design/v/_info"), "view_index", "signature");

        foreach (var info in new[] { $"{database}/_design/v/_info", $"{database}/_design/w/_info", $"{other}/_design/v/_info" })
        {
            await CommittedAsync(server, info);
        }

        server.Process!.Kill();
        Replace(server.Process.Folder, signature, other, database);
        Assert.True(await server.Process.StartAsync());

        var issues = await place.ScanAsync(store);

        Assert.Equal(["_design/v", "_design/w"], issues.Select(issue => issue.Subject));
        Assert.All(issues, issue => Assert.Equal((IssueTypes.CountMismatch, Severity.High), (issue.Type, issue.Severity)));
        var evidence = Assert.IsType<CountEvidence>(issues[0].Evidence);
        Assert.Equal(
            [new CountAnswer("_design/v/_view/by_n total_rows", 20), new CountAnswer("_design/w/_view/numbers total_rows", 40)], evidence.Answers);
        var results = await place.RunAsync(await place.PlanAsync(issues));
        Assert.All(results, result => Assert.True(result.Outcome == OperationOutcome.Applied, result.Message));
        Assert.Empty(await place.ScanAsync(store));
        Assert.Equal("40", Text(await server.GetAsync($"{database}/_design/v/_view/by_n?limit=0"), "total_rows"));
        server.Process.Kill();
    }

    [SkippableFact]
    public async Task A_Mango_index_with_more_rows_than_there_are_documents_is_told_and_made_anew()
    {
        var server = await CouchDbServer.StartOwnAsync();
        var database = await server.CreateDatabaseAsync();
        var other = await server.CreateDatabaseAsync();
        foreach (var (name, documents) in new[] { (database, 20), (other, 60) })
        {
            await server.InsertAsync(name, Documents(documents, _ => "\"n\":1"));
            await server.PostAsync($"{name}/_index", """{"index":{"fields":["n"]},"ddoc":"m","name":"by-n"}""");
            await server.PostAsync($"{name}/_find", """{"selector":{"n":1},"limit":1,"use_index":"m"}""");
            await CommittedAsync(server, $"{name}/_design/m/_info");
        }

        await using var place = new Workplace(credential: server.Credential);
        var store = $"couchdb://{server.Address.Authority}/{database}";
        Assert.Empty(await place.ScanAsync(store));
        var signature = Text(await server.GetAsync($"{database}/_design/m/_info"), "view_index", "signature");
        server.Process!.Kill();
        Replace(server.Process.Folder, signature, other, database);
        Assert.True(await server.Process.StartAsync());

        var issue = Assert.Single(await place.ScanAsync(store));

        Assert.Equal((IssueTypes.CountMismatch, "_design/m"), (issue.Type, issue.Subject));

        // The documents, and the one that defines it.
        Assert.Equal([60, 21], Assert.IsType<CountEvidence>(issue.Evidence).Answers.Select(answer => answer.Count));
        Assert.All(await place.RunAsync(await place.PlanAsync([issue])), result => Assert.True(result.Outcome == OperationOutcome.Applied, result.Message));
        Assert.Empty(await place.ScanAsync(store));
        server.Process.Kill();
    }

    [Theory]
    [InlineData(4, 4, 4, 1, null)]
    [InlineData(4, 3, 4, 1, "doc_count: 4, _all_docs total_rows: 3, _all_docs rows: 4, _changes rows less doc_del_count: 4")]
    [InlineData(4, 4, 5, 1, "doc_count: 4, _all_docs total_rows: 4, _all_docs rows: 4, _changes rows less doc_del_count: 5")]
    public async Task Answers_about_the_number_of_documents_that_differ_at_one_sequence_are_told_with_all_of_them(
        long documents, long listed, int changes, int deleted, string? words)
    {
        using var server = Server(() => $"7-abc{Guid.NewGuid():N}", documents, listed, changes + deleted, deleted);
        await using var place = new Workplace();

        var issues = (await place.ScanAsync($"couchdb://{server.Address.Authority}/d")).Where(issue => issue.Type == IssueTypes.CountMismatch).ToList();

        Assert.Equal(words is null ? 0 : 1, issues.Count);
        if (words is not null)
        {
            Assert.Contains(words, issues[0].Message, StringComparison.Ordinal);
            Assert.Equal("d", issues[0].Subject);
            Assert.StartsWith("7-", ((CountEvidence)issues[0].Evidence).Sequence, StringComparison.Ordinal);
            Assert.True(Assert.Single((await place.PlanAsync(issues)).Operations).NeedsReview);
        }
    }

    [Fact]
    public async Task Answers_that_differ_while_somebody_writes_are_no_mismatch()
    {
        var sequence = 0;
        using var server = Server(() => $"{Interlocked.Increment(ref sequence)}-abc", 4, 3, 9, 0);
        await using var place = new Workplace();

        Assert.Empty(await place.ScanAsync($"couchdb://{server.Address.Authority}/d"));
    }

    [SkippableFact]
    public async Task A_database_that_is_written_to_gives_no_false_alarm()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Documents(40, number => "\"n\":1"));
        await place.Server.PutAsync($"{place.Database}/_design/v", """{"views":{"c":{"map":"function(d){emit(d.n)}","reduce":"_count"},"d":{"map":"function(d){emit(d.n)}"}}}""");
        await place.Server.PostAsync($"{place.Database}/_index", """{"index":{"fields":["n"]},"name":"by-n"}""");
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(async () =>
        {
            for (var number = 0; !stop.IsCancellationRequested; number++)
            {
                await place.Server.PutAsync($"{place.Database}/new{number}", "{\"n\":1}");
                await place.Server.GetAsync($"{place.Database}/_design/v/_view/c");
            }
        });

        for (var scan = 0; scan < 10; scan++)
        {
            Assert.Empty(await place.ScanAsync("count_mismatch", "conflicts"));
        }

        await stop.CancelAsync();
        await writer;
        Assert.Empty(await place.ScanAsync("count_mismatch", "conflicts", "id_collision"));
    }

    [SkippableFact]
    public async Task An_id_that_two_shards_hold_is_told_with_what_every_shard_has_of_it()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Documents(3, number => "\"n\":1"));
        var home = Text(await place.Server.GetAsync($"{place.Database}/_shards/doc0001"), "range");
        var ranges = JsonDocument.Parse(await place.Server.GetAsync($"{place.Database}/_shards")).RootElement.GetProperty("shards");
        Skip.If(ranges.EnumerateObject().Count() < 2, "CouchDB: its databases have one shard");
        var wrong = ranges.EnumerateObject().First(range => range.Name != home);
        var node = wrong.Value[0].GetString()!;
        var suffix = Text(await place.Server.GetAsync(place.Database), "instance_start_time");

        // Past the cluster, into a shard where the id does not belong: what an overlap of shards leaves behind.
        await place.Server.PutAsync($"_node/{node}/shards%2F{wrong.Name}%2F{place.Database}.{suffix}/doc0001", "{\"n\":2}");

        var issue = Assert.Single(await place.ScanAsync("id_collision"));

        Assert.Equal((IssueTypes.IdCollision, "doc0001", Severity.Critical, false), (issue.Type, issue.Subject, issue.Severity, issue.CanAutoResolve));
        var copies = Assert.IsType<CollisionEvidence>(issue.Evidence).Copies;
        Assert.Equal(ranges.EnumerateObject().Count(), copies.Count);
        var right = Assert.Single(copies, copy => copy.Belongs);
        Assert.Equal((home, "1-a"), (right.Range, right.Revision));
        var stray = Assert.Single(copies, copy => copy is { Belongs: false, Revision: not null });
        Assert.Equal((wrong.Name, node), (stray.Range, stray.Node));
        Assert.NotEqual("1-a", stray.Revision);
        Assert.Contains($"{wrong.Name} on {node} holds {stray.Revision}, where it does not belong", issue.Message, StringComparison.Ordinal);
        var operation = Assert.Single((await place.Place.PlanAsync([issue])).Operations);
        Assert.True(operation.NeedsReview);
        Assert.Contains("never repaired automatically", operation.Reason, StringComparison.Ordinal);

        // What an incremental scan knows the database by, and what a plan has read before, is asked for by name: there, too, the id is listed twice.
        var options = new ScanOptions { Store = place.Store, Credential = place.Place.Credential, Types = ["all"], Incremental = true };
        await place.Place.Engine.ScanAsync(options, default).ToListAsync();
        var (issues, scan) = await place.Place.ScanAsync(options);
        Assert.Empty(issues);
        Assert.NotNull(scan.SinceSequence);
        var planned = await place.Place.Engine.PlanAsync(options with { Incremental = false }, new PlanOptions { Credential = place.Place.Credential }, default);
        Assert.Equal("doc0001", Assert.Single(Assert.Single(planned).Operations).Subject);
    }

    // The server writes an index's last state to disk a moment after it has built it.
    private static async Task CommittedAsync(CouchDbServer server, string info)
    {
        while (Text(await server.GetAsync(info), "view_index", "waiting_commit") == "True")
        {
            await Task.Delay(50);
        }
    }

    // A server whose answers contradict each other, or not, at sequences of its own.
    private static AnsweringServer Server(Func<string> sequence, long documents, long listed, int changes, int deleted) => new((request, _, stream) =>
    {
        var line = request[..request.IndexOf('\r', StringComparison.Ordinal)];
        var body = line.Contains("_design", StringComparison.Ordinal) ? """{"total_rows":0,"rows":[]}"""
            : line.Contains("_all_docs", StringComparison.Ordinal) ? $"{{\"total_rows\":{listed},\"rows\":[]}}"
            : line.Contains("_changes", StringComparison.Ordinal)
                ? $"{{\"results\":[{string.Join(',', Enumerable.Range(0, changes).Select(number => $"{{\"seq\":\"{number}-x\",\"id\":\"d{number}\",\"changes\":[{{\"rev\":\"1-a\"}}]}}"))}],\"last_seq\":\"7-abc\"}}"
            : $"{{\"db_name\":\"d\",\"doc_count\":{documents},\"doc_del_count\":{deleted},\"update_seq\":\"{sequence()}\",\"sizes\":{{}}}}";
        return AnsweringServer.WriteAsync(stream, 200, "application/json", body, server: "CouchDB/3.5.0");
    });

    private static void Replace(string folder, string signature, string from, string to)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 };
        var files = Directory.EnumerateFiles(folder, signature + ".view", options).ToList();
        var replaced = 0;
        foreach (var file in files.Where(file => file.Contains(to, StringComparison.Ordinal)))
        {
            var range = file.Split(Path.DirectorySeparatorChar).First(part => part.Contains("ffffff", StringComparison.Ordinal));
            File.Copy(files.Single(candidate => candidate.Contains(from, StringComparison.Ordinal) && candidate.Contains(range, StringComparison.Ordinal)), file, overwrite: true);
            replaced++;
        }

        Assert.True(replaced > 0);
    }

    private static string Text(string json, params string[] members)
    {
        using var document = JsonDocument.Parse(json);
        return members.Aggregate(document.RootElement, (at, member) => at.GetProperty(member)).ToString();
    }

    private static string[] Documents(int count, Func<int, string> members) =>
        [.. Enumerable.Range(0, count).Select(number => ServerScanTests.Doc(string.Create(CultureInfo.InvariantCulture, $"doc{number:0000}"), 1, ["a"], members(number)))];
}
