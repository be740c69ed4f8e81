using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.CouchDb.IncrementalScanData;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>From what an incremental scan goes on, and when it looks at everything.</summary>
public class IncrementalStartTests
{
    [SkippableFact]
    public async Task The_first_incremental_scan_looks_at_everything_and_says_so()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, [.. Enumerable.Range(0, 5).Select(Sound), .. Conflict("d")]);

        var (issues, report) = await place.Place.ScanAsync(Options(place));

        Assert.Single(issues);
        Assert.Equal(6, report.Documents);
        Assert.Null(report.SinceScan);
        Assert.Contains("no earlier scan", Assert.Single(report.Remarks), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_scan_that_was_stopped_or_looked_for_less_is_none_to_go_on_from()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: false, [.. Conflict("d"), .. Conflict("e")]);
        var whole = Options(place) with { Incremental = false };
        await place.Place.Engine.ScanAsync(whole with { Credential = place.Place.Credential }, default).FirstAsync();
        foreach (var less in new[]
        {
            whole with { Subjects = ["d"] }, whole with { DocumentTypes = ["*"] }, whole with { MinimumSeverity = Severity.High }, whole with { Types = ["edit_delete_conflict"] },
        })
        {
            await place.Place.ScanAsync(less);
        }

        var (issues, report) = await place.Place.ScanAsync(Options(place) with { MinimumSeverity = Severity.Low });

        Assert.Equal(2, issues.Count);
        Assert.Null(report.SinceScan);
    }

    [SkippableTheory]
    [InlineData(null)]
    [InlineData("nightly")]
    public async Task A_document_that_was_not_held_against_a_schema_which_gave_out_is_none_that_was_looked_at(string? shared)
    {
        const string Hostile = "\"pattern\":\"^(?=(a+)+$)(a+)+$\"";
        await using var place = await ServerPlace.WithAsync(
            "validation:\n  schemas: { H: 'document:schema' }\n", real: shared is not null,
            Doc("schema", 1, ["a"], $"\"properties\":{{\"p\":{{{Hostile}}},\"title\":{{\"type\":\"string\"}}}}"),
            Doc("a", 1, ["a"], $"\"@type\":\"H\",\"p\":\"{new string('a', 40)}!\""),
            Doc("q", 1, ["a"], "\"@type\":\"H\",\"title\":8"));
        var (first, _) = await place.Place.ScanAsync(Options(place) with { Incremental = false, Shared = shared });
        Assert.Equal([IssueTypes.UnusableSchema], first.Select(issue => issue.Type));
        await place.Server.InsertAsync(place.Database, Doc("a", 2, ["b", "a"], "\"@type\":\"H\",\"p\":\"b\",\"title\":\"\""));

        Assert.NotNull((await place.Place.ScanAsync(Options(place) with { Types = ["conflicts"] })).Report.SinceScan);
        var (issues, report) = await place.Place.ScanAsync(Options(place) with { Types = ["schema_violation"] });

        Assert.Equal(["a", "q"], issues.Select(issue => issue.Subject));
        Assert.Contains("no earlier scan", Assert.Single(report.Remarks), StringComparison.Ordinal);
        Assert.NotNull((await place.Place.ScanAsync(Options(place) with { Types = ["schema_violation"] })).Report.SinceScan);
    }

    [SkippableFact]
    public async Task A_database_that_was_made_anew_under_its_name_is_scanned_whole_and_that_is_said()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, [.. Enumerable.Range(0, 5).Select(Sound)]);
        await place.Place.ScanAsync(Options(place));
        await place.Server.DeleteAsync(place.Database);

        // The server tells when a database was made, to the second.
        for (var made = DateTimeOffset.UtcNow.ToUnixTimeSeconds(); DateTimeOffset.UtcNow.ToUnixTimeSeconds() == made;)
        {
            await Task.Delay(20);
        }

        await place.Server.PutAsync(place.Database, "");
        await place.Server.InsertAsync(place.Database, [.. Enumerable.Range(0, 9).Select(Sound), .. Conflict("d")]);

        var (issues, report) = await place.Place.ScanAsync(Options(place));

        Assert.Single(issues);
        Assert.Equal(10, report.Documents);
        Assert.Contains("made anew", Assert.Single(report.Remarks), StringComparison.Ordinal);
    }

    /// <summary>The files of a database are put back, as from a backup of the disk; other writes may then bring it to the same sequence.</summary>
    [SkippableTheory]
    [InlineData(0, "update sequence is 5, and was 6")]
    [InlineData(7, "has lost the revision")]
    public async Task A_database_whose_files_were_put_back_is_scanned_whole_and_that_is_said(int writtenSince, string told)
    {
        var server = await CouchDbServer.StartOwnAsync();
        var database = await server.CreateDatabaseAsync();
        await using var place = await Workplace.ForServerAsync(server);
        var options = new ScanOptions { Store = $"couchdb://{server.Address.Authority}/{database}", Incremental = true };
        await server.InsertAsync(database, [.. Enumerable.Range(0, 5).Select(Sound)]);
        var data = Path.Combine(server.Process!.Folder, "data");
        server.Process.Kill();
        Copy(data, data + "-saved");
        Assert.True(await server.Process.StartAsync());
        await server.InsertAsync(database, Sound(99));
        await place.ScanAsync(options);
        server.Process.Kill();
        Directory.Delete(data, recursive: true);
        Copy(data + "-saved", data);
        Assert.True(await server.Process.StartAsync());
        await server.InsertAsync(database, [.. Enumerable.Range(200, writtenSince).Select(Sound)]);

        var (_, report) = await place.ScanAsync(options);

        Assert.Equal(5 + writtenSince, report.Documents);
        Assert.Contains(told, Assert.Single(report.Remarks), StringComparison.Ordinal);
        server.Process.Kill();
    }

    [SkippableFact]
    public async Task A_sequence_that_the_server_does_not_know_is_told_and_everything_is_looked_at()
    {
        await using var place = await ServerPlace.WithAsync("resolution: {}\n", real: true, Sound(1), Sound(2));
        var (_, report) = await place.Place.ScanAsync(Options(place));
        var forged = report with { ScanId = Identifiers.New("scan"), Checkpoint = report.Checkpoint! with { Sequence = "1-nonsense" } };
        await (await place.Place.Engine.GetLedgerAsync(default)).AppendAsync(
            [
                new LedgerEvent
                {
                    Kind = LedgerEventKinds.ScanFinished,
                    Store = forged.Store,
                    ScanId = forged.ScanId,
                    Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(forged, ModelJson.Default.ScanReport)),
                },
            ],
            default);

        var (_, again) = await place.Place.ScanAsync(Options(place));

        Assert.Equal(2, again.Documents);
        Assert.Contains("does not know the update sequence", Assert.Single(again.Remarks), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Other_rules_than_those_of_the_earlier_scan_make_it_a_whole_one()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: false, TaskOf("d", "\"title\":1"));
        await place.Place.ScanAsync(Options(place));
        await File.WriteAllTextAsync(place.Place.PathOf("integrity.yaml"), Rules.Replace("title", "owner", StringComparison.Ordinal));
        await using var engine = IntegrityEngine.Open(new EngineOptions { ConfigurationPath = place.Place.PathOf("integrity.yaml"), LedgerPath = place.Place.PathOf("ledger.db") });
        ScanReport? report = null;

        var issues = await engine.ScanAsync(
            Options(place) with { Credential = place.Place.Credential, ReportChanged = changed => report = changed }, default).ToListAsync();

        Assert.Equal("d", Assert.Single(issues).Subject);
        Assert.Contains("rules", Assert.Single(report!.Remarks), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_scan_that_has_found_everything_is_no_failure_when_the_place_to_go_on_from_cannot_be_noted()
    {
        await using var place = await ServerPlace.WithAsync("performance:\n  timeout: 1s\n", real: false, Conflict("d"));
        using var proxy = new CuttingProxy(
            place.Server.Address, line => Task.FromResult(line.Contains("descending", StringComparison.Ordinal) ? Cut.Page : Cut.None));

        var (issues, report) = await place.Place.ScanAsync(Options(place) with { Incremental = false, Store = $"couchdb://{proxy.Authority}/{place.Database}" });

        Assert.Single(issues);
        Assert.Equal("success", report.Status);
        Assert.Null(report.Checkpoint);
        Assert.StartsWith("No incremental scan can go on from this one", Assert.Single(report.Remarks), StringComparison.Ordinal);
    }

    internal static void Copy(string from, string to)
    {
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories).Prepend(from))
        {
            Directory.CreateDirectory(to + folder[from.Length..]);
        }

        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, to + file[from.Length..]);
        }
    }
}
