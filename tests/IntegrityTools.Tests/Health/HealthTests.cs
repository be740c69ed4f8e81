using IntegrityTools.Backups;
using IntegrityTools.Health;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;
using IntegrityTools.Tests.Sqlite;

namespace IntegrityTools.Tests.Health;

/// <summary>How well stores are, by what they say and by what scans and repairs have recorded.</summary>
public class HealthTests
{
    [Theory]
    [InlineData(0, 0, 0, 0, 0.5, 100)]
    [InlineData(2, 1, 0, 0, 0.5, 87)]
    [InlineData(0, 0, 19, 0, 0.8, 99)]
    [InlineData(0, 0, 0, 3, 0.81, 60)]
    [InlineData(1, 1, 10, 1, 0.91, 61)]
    [InlineData(0, 0, 0, 11, 0.1, 0)]
    public void The_score_follows_the_formula(long duplicates, long conflicts, long orphaned, long invalid, double disk, int score)
    {
        var health = Nothing with { DuplicateCount = duplicates, ConflictCount = conflicts, OrphanedCount = orphaned, InvalidCount = invalid, DiskUsage = disk };
        Assert.Equal(score, HealthScore.Of(health));
        Assert.Equal(100, HealthScore.Of(Nothing));
    }

    [SkippableFact]
    public async Task What_no_scan_has_looked_for_is_null_and_costs_nothing_and_is_known_with_its_age_afterwards()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, [.. Conflict("a"), .. Conflict("b"), """{"_id":"c","_rev":"3-c","_revisions":{"start":3,"ids":["c","b","a"]},"text":"long enough to be the largest of all the documents"}"""]);
        var before = await place.Place.Engine.Health.MeasureAsync(place.Store, place.Place.Credential, default);
        Assert.Equal((100, null, null, null, null), (ScoreWithRoom(before), before.ConflictCount, before.DuplicateCount, before.InvalidCount, before.LargestDocument));
        Assert.Equal(3, before.TotalDocuments);
        Assert.Null(before.Trend);
        Assert.Equal(HealthStatus.Degraded, Check(before, "detector").Status);
        Assert.Contains(before.Recommendations, advice => advice.Command == $"integrity scan {place.Store} --type all");

        await place.Place.Engine.ScanAsync(new ScanOptions { Store = place.Store, Credential = place.Place.Credential, Types = ["conflicts"] }, default).ToListAsync();
        var conflicts = await place.Place.Engine.Health.MeasureAsync(place.Store, place.Place.Credential, default);
        Assert.Equal((94, 2, null, null), (ScoreWithRoom(conflicts), conflicts.ConflictCount, conflicts.InvalidCount, conflicts.LargestDocument));
        Assert.Equal(7 / 3.0, conflicts.AverageRevisions!.Value, 1e-9);
        Assert.Equal(["average_revisions", "conflict_count"], conflicts.Sources.Keys);
        Assert.Equal((-6, 1L), (conflicts.Trend!.ScoreChange, conflicts.Trend.Checks));

        await place.Place.Engine.ScanAsync(new ScanOptions { Store = place.Store, Credential = place.Place.Credential, Types = ["all"] }, default).ToListAsync();
        var all = await place.Place.Engine.Health.MeasureAsync(place.Store, place.Place.Credential, default);
        Assert.Equal((94, 2, 0, 0, 0), (ScoreWithRoom(all), all.ConflictCount, all.DuplicateCount, all.InvalidCount, all.OrphanedCount));
        Assert.InRange(all.LargestDocument!.Value, 80, 200);
        Assert.Equal(HealthStatus.Healthy, Check(all, "detector").Status);
        Assert.Equal(HealthCheck.Of("database", string.Empty, DiskCheck.Of(all.DiskUsage)).Status, Check(all, "database").Status);
        Assert.Equal(HealthStatus.Healthy, Check(all, "replication").Status);
        Assert.Equal(HealthStatus.Healthy, Check(all, "queue").Status);
        Assert.Contains(all.Recommendations, advice => advice.Command == $"integrity plan {place.Store} --type conflicts");
        Assert.DoesNotContain(all.Recommendations, advice => advice.Command.EndsWith("--type all", StringComparison.Ordinal));
        Assert.True((await place.Place.VerifyAsync()).Ok);
    }

    [SkippableFact]
    public async Task A_health_check_writes_nothing_to_the_server_and_ignored_issues_do_not_count()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, Conflict("a"));
        var issue = Assert.Single(await place.Place.ScanAsync(place.Store));
        await place.Place.Engine.Issues.IgnoreAsync([issue.Id], "known", DateTimeOffset.UtcNow.AddDays(1), default);
        var before = await place.StateAsync("a");

        var health = await place.Place.Engine.Health.MeasureAsync(place.Store, place.Place.Credential, default);

        Assert.Equal((100, 0), (ScoreWithRoom(health), health.ConflictCount));
        Assert.Equal(before, await place.StateAsync("a"));
    }

    [Fact]
    public async Task A_replication_that_cannot_work_is_told_with_its_reason()
    {
        using var server = new AnsweringServer((request, _, stream) => AnsweringServer.WriteAsync(stream, 200, "application/json", request.Split(' ')[1] switch
        {
            "/_active_tasks" => """[{"type":"replication","source":"http://h/db/","target":"http://else/db/","changes_pending":null}]""",
            var path when path.StartsWith("/_scheduler", StringComparison.Ordinal) =>
                """
                {"docs":[{"doc_id":"out","source":"http://h:5984/db/","target":"http://else:5984/db/","state":"failed","info":{"error":"no_such_host"}},
                {"doc_id":"in","source":"http://else/db","target":"http://h/db","state":"crashing","info":{"error":"unauthorized"}},
                {"doc_id":"other","source":"http://h/other","target":"http://else/other","state":"failed","info":{"error":"x"}}]}
                """,
            _ => """{"db_name":"db","doc_count":1,"sizes":{"file":4000000,"active":1000000,"external":1}}""",
        }));
        await using var engine = new Workplace();
        var health = await engine.Engine.Health.MeasureAsync($"couchdb://{server.Address.Authority}/db", null, default);
        var check = Check(health, "replication");
        Assert.Equal((HealthStatus.Unhealthy, HealthStatus.Unhealthy), (check.Status, health.Status));
        Assert.Equal("Replication 'out' is failed: no_such_host. Replication 'in' is crashing and tried again: unauthorized.", check.Reason);
        Assert.True(health.RecommendCompaction);
        Assert.Contains(health.Recommendations, advice => advice.Command.EndsWith("--type orphaned_revisions --confirm", StringComparison.Ordinal));
        Assert.Null(health.DiskUsage);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_replication_that_may_not_be_seen_is_no_reason_to_call_a_store_unwell_and_that_is_said(int refusal)
    {
        using var server = new AnsweringServer((request, _, stream) => request.Split(' ')[1] is "/_active_tasks" or ['/', '_', 's', ..]
            ? AnsweringServer.WriteAsync(stream, refusal, "application/json", """{"error":"unauthorized","reason":"You are not a server admin."}""")
            : AnsweringServer.WriteAsync(stream, 200, "application/json", """{"db_name":"db","doc_count":1,"sizes":{"file":1,"active":1,"external":1}}"""));
        await using var place = new Workplace();

        var check = Check(await place.Engine.Health.MeasureAsync($"couchdb://{server.Address.Authority}/db", null, default), "replication");

        Assert.Equal(HealthStatus.Healthy, check.Status);
        Assert.Contains("to its admins only", check.Reason, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_volume_of_a_server_on_this_machine_is_seen()
    {
        var server = await CouchDbServer.StartOwnAsync();
        var database = await server.CreateDatabaseAsync();
        await using var place = await Workplace.ForServerAsync(server);

        var health = await place.Engine.Health.MeasureAsync($"couchdb://{server.Address.Authority}/{database}", server.Credential, default);

        var volume = new DriveInfo(server.Process!.Folder);
        var used = volume.TotalSize - volume.TotalFreeSpace;
        Assert.Equal((double)used / (used + volume.AvailableFreeSpace), health.DiskUsage!.Value, 0.05);
        Assert.DoesNotContain("volume", Check(health, "database").Reason, StringComparison.Ordinal);
        server.Process.Kill();
    }

    [Theory]
    [InlineData(0.80, HealthStatus.Healthy)]
    [InlineData(0.81, HealthStatus.Degraded)]
    [InlineData(0.90, HealthStatus.Degraded)]
    [InlineData(0.91, HealthStatus.Unhealthy)]
    public void A_volume_that_is_nearly_full_is_told(double usage, HealthStatus status) =>
        Assert.Equal(status, HealthCheck.Of("database", "The server answers.", DiskCheck.Of(usage)).Status);

    [Fact]
    public async Task A_sqlite_database_is_measured_from_its_bytes_without_a_trace()
    {
        await using var place = new Place(configuration: "sqlite:\n  wal_limit_mb: 1\n");
        Databases.Create(
            place.Database, "PRAGMA journal_mode = WAL", Databases.Shop,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO item SELECT i, 1 + i % 600, zeroblob(1500) FROM n",
            "DELETE FROM item WHERE id > 200");
        var trace = Databases.Trace(place.Data);
        var before = await place.Work.Engine.Health.MeasureAsync(place.Database, null, default);
        Assert.Equal(trace, Databases.Trace(place.Data));
        var sqlite = before.Sqlite!;
        Assert.Equal(("wal", null, null), (sqlite.JournalMode, sqlite.LastGoodCheck, sqlite.Synchronous));
        Assert.Equal(Databases.Ask(place.Database, "PRAGMA freelist_count"), sqlite.FreelistPages);
        Assert.Equal(Databases.Ask(place.Database, "PRAGMA page_count"), sqlite.Pages);
        Assert.InRange(sqlite.FreelistShare, 0.5, 1);
        Assert.Contains(before.Recommendations, advice => advice.Command.EndsWith("VACUUM", StringComparison.Ordinal));
        Assert.Contains(before.Recommendations, advice => advice.Text.StartsWith("Back it up", StringComparison.Ordinal));
        Assert.InRange(before.DiskUsage!.Value, 0, 1);

        await place.ScanAsync();
        await place.Work.Engine.Backups.CreateAsync(new BackupOptions { Store = place.Database, Folder = place.Work.PathOf("backups") }, default);
        trace = Databases.Trace(place.Data);
        var after = await place.Work.Engine.Health.MeasureAsync(place.Database, null, default);
        Assert.NotNull(after.Sqlite!.LastGoodCheck);
        Assert.NotNull(after.LastGoodBackup);
        Assert.Equal((0, null), (after.InvalidCount, after.ConflictCount));
        Assert.DoesNotContain(after.Recommendations, advice => advice.Text.StartsWith("Back it up", StringComparison.Ordinal));
        Assert.DoesNotContain(after.Checks, check => check.Name == "replication");
        Assert.Equal(trace, Databases.Trace(place.Data));
    }

    [Fact]
    public async Task A_backup_of_a_day_when_the_clock_was_years_ahead_kept_health_from_asking_for_another_one()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        var made = await place.Work.Engine.Backups.CreateAsync(new BackupOptions { Store = place.Database, Folder = place.Work.PathOf("backups") }, default);
        var manifest = await File.ReadAllTextAsync(made.Path);
        await File.WriteAllTextAsync(made.Path, manifest.Replace($"\"created_at\":\"{made.CreatedAt.Year}", $"\"created_at\":\"{made.CreatedAt.Year + 10}", StringComparison.Ordinal));

        var health = await place.Work.Engine.Health.MeasureAsync(place.Database, null, default);

        Assert.Contains(health.Recommendations, advice => advice.Text.Contains("a date that is still to come", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_larger_than_the_limit_and_a_fragmented_file_are_told()
    {
        await using var place = new Place(configuration: "sqlite:\n  wal_limit_mb: 1\n");
        using (var writer = Databases.Open(place.Database))
        {
            Databases.Run(writer, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE one(id INTEGER PRIMARY KEY, data); CREATE TABLE two(id INTEGER PRIMARY KEY, data)");
            for (var row = 0; row < 400; row++)
            {
                Databases.Run(writer, $"INSERT INTO one VALUES({row}, zeroblob(3000)); INSERT INTO two VALUES({row}, zeroblob(3000))");
            }

            var trace = Databases.Trace(place.Data);
            var health = await place.Work.Engine.Health.MeasureAsync(place.Database, null, default);
            Assert.InRange(health.Sqlite!.WalSize, 1 << 20, long.MaxValue);
            Assert.Equal(HealthStatus.Degraded, Check(health, "database").Status);
            Assert.Contains("-wal", Check(health, "database").Reason, StringComparison.Ordinal);
            Assert.Contains(health.Recommendations, advice => advice.Command.EndsWith("--type oversized_wal", StringComparison.Ordinal));
            Assert.InRange(health.Sqlite.Fragmentation!.Value, 0.9, 1);
            Assert.Equal(trace, Databases.Trace(place.Data));
        }

        Databases.Create(place.Database, "VACUUM");
        Assert.InRange((await place.Work.Engine.Health.MeasureAsync(place.Database, null, default)).Sqlite!.Fragmentation!.Value, 0, 0.05);
    }

    [Fact]
    public async Task Critical_issues_failed_scans_and_stopped_repairs_show_in_the_checks()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop, "INSERT INTO item VALUES (1, 12345, x'')");
        await place.ScanAsync();
        await using var work = new Workplace();
        var text = place.Work.PathOf("note.db");
        await File.WriteAllTextAsync(text, "no database at all");
        await work.ScanAsync("sqlite:" + text);
        var health = await work.Engine.Health.MeasureAsync("sqlite:" + text, null, default);
        Assert.Equal(HealthStatus.Unhealthy, Check(health, "queue").Status);
        Assert.Equal(HealthStatus.Unhealthy, Check(health, "database").Status);

        File.Delete(text);
        await Assert.ThrowsAsync<IntegrityException>(() => work.ScanAsync("sqlite:" + text).AsTask());
        await File.WriteAllTextAsync(text, "no database at all");
        Assert.Equal(HealthStatus.Unhealthy, Check(await work.Engine.Health.MeasureAsync("sqlite:" + text, null, default), "detector").Status);

        var sound = await place.Work.Engine.Health.MeasureAsync(place.Database, null, default);
        Assert.Equal((90, 1), (ScoreWithRoom(sound), sound.InvalidCount));
        Assert.Equal(HealthStatus.Healthy, Check(sound, "resolver").Status);
        await Assert.ThrowsAsync<IntegrityException>(() => work.Engine.Health.MeasureAsync("sqlite:" + place.Work.PathOf("none.db"), null, default));
    }

    [Fact]
    public async Task A_score_below_the_threshold_is_degraded_and_below_fifty_unhealthy()
    {
        Assert.Equal(HealthStatus.Healthy, HealthChecks.Score(80, 80).Status);
        Assert.Equal(HealthStatus.Degraded, HealthChecks.Score(79, 80).Status);
        Assert.Equal(HealthStatus.Unhealthy, HealthChecks.Score(49, 80).Status);
        var summary = Summary(applied: 95, failed: 5);
        Assert.Equal(HealthStatus.Degraded, HealthChecks.Resolver(summary, null).Status);
        Assert.Equal(HealthStatus.Unhealthy, HealthChecks.Resolver(Summary(applied: 80, failed: 20), null).Status);
        Assert.Equal(HealthStatus.Healthy, HealthChecks.Resolver(Summary(applied: 100, failed: 1), null).Status);
        Assert.Equal(HealthStatus.Degraded, HealthChecks.Resolver(Summary(applied: 100, failed: 1) with { OperationMs = new Percentiles(20, 5, 3000, 3000, 3000) }, null).Status);
        Assert.Equal(HealthStatus.Healthy, HealthChecks.Resolver(Summary(applied: 1, failed: 0) with { OperationMs = new Percentiles(1, 3000, 3000, 3000, 3000) }, null).Status);
        Assert.Equal(HealthStatus.Degraded, HealthChecks.Queue([new KnownIssueCount("revision_conflict", Severity.High, 501)], null).Status);
        Assert.Equal(HealthStatus.Degraded, HealthChecks.Queue([], 101).Status);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_dump_tells_what_is_known_of_it()
    {
        await using var place = new Workplace();
        var dump = place.PathOf("a.jsonl");
        await File.WriteAllTextAsync(dump, $"[{string.Join(',', Conflict("a"))}]\n");
        await place.Engine.ScanAsync(new ScanOptions { Store = "couchdump:" + dump, Types = ["all"] }, default).ToListAsync();
        var health = await place.Engine.Health.MeasureAsync("couchdump:" + dump, null, default);
        Assert.Equal((97, 1, 0, null), (ScoreWithRoom(health), health.ConflictCount, health.InvalidCount, health.OrphanedCount));
        Assert.Equal(new FileInfo(dump).Length, health.FileSize);
        Assert.Equal(2, health.AverageRevisions);
        Assert.EndsWith(" ago.", Check(health, "detector").Reason, StringComparison.Ordinal);
    }

    private static StoreHealth Nothing { get; } = new() { Store = "s", Timestamp = DateTimeOffset.UnixEpoch, Status = HealthStatus.Healthy, HealthScore = 100 };

    // How full the volume is on which the tests run is nothing that they say.
    private static int ScoreWithRoom(StoreHealth health) => health.HealthScore!.Value + 100 - HealthScore.Of(Nothing with { DiskUsage = health.DiskUsage });

    private static HealthCheck Check(StoreHealth health, string name) => Assert.Single(health.Checks, check => check.Name == name);

    private static ReportSummary Summary(long applied, long failed) => new()
    {
        Scans = new Dictionary<string, long>(),
        Issues = new Dictionary<string, long>(),
        Operations = new Dictionary<string, long> { ["applied"] = applied },
        CommonestTypes = [],
        SlowestResolutions = [],
        ErrorPatterns = [],
        FailureRate = (double)failed / (applied + failed),
        DetectionMs = new Percentiles(0, null, null, null, null),
        OperationMs = new Percentiles(0, null, null, null, null),
        ResolutionMs = new Percentiles(0, null, null, null, null),
    };

    private static string[] Conflict(string id) =>
        [.. new[] { "a", "b" }.Select(end => $$$"""{"_id":"{{{id}}}","_rev":"2-{{{end}}}{{{end}}}","_revisions":{"start":2,"ids":["{{{end}}}{{{end}}}","00"]},"by":"{{{end}}}"}""")];
}
