using IntegrityTools.Model;

namespace IntegrityTools.Tests.Sqlite.Summaries;

/// <summary>What an installation makes, keeps, and gives back.</summary>
public class InstallTests
{
    [Theory]
    [InlineData("WAL")]
    [InlineData("DELETE")]
    public async Task It_makes_what_is_defined_and_fills_it_and_the_trigger_goes_on_from_there(string mode)
    {
        await using var place = new SummaryPlace();
        place.Do($"PRAGMA journal_mode = {mode}", Corruptions.Schema);
        var random = new Random(11);
        for (var round = 0; round < 4; round++)
        {
            Corruptions.InsertRandom(place.Database, random, 150);
            if (round == 0)
            {
                await place.InstallAsync();
            }

            Assert.Equal(Oracle.Rows(place.Database), place.Rows());
        }

        var report = await place.TestAsync();
        Assert.True(report is { Ok: true, Installed: true, Rows: 7, Aggregates: 7 }, string.Join('\n', report.Reasons.Concat(report.Issues.Select(issue => issue.Message))));
        Assert.Null(await place.PlanInstallAsync());
        Assert.Empty(place.Rows("PRAGMA foreign_key_list(corruption_summary)"));
        Assert.Equal(["current_state", "path_id"], place.Rows("SELECT i.name FROM pragma_index_list('corruption_summary') AS l, pragma_index_info(l.name) AS i WHERE l.origin = 'c' ORDER BY 1"));
        Assert.Equal("ok", Databases.Ask(place.Database, "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task A_dry_run_writes_nothing_and_an_undo_leaves_the_schema_as_it_was()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        Corruptions.InsertRandom(place.Database, new Random(1), 50);
        var (schema, dashboard) = (place.Schema(), place.Rows("SELECT * FROM corruption_status"));
        var trace = Databases.Trace(Path.GetDirectoryName(place.Database)!);
        var plan = (await place.PlanInstallAsync(redefineView: true))!;
        Assert.Equal((OperationTypes.InstallSummary, Risk.Medium), (plan.Operations.Single().Type, plan.Operations[0].Risk));
        Assert.Equal(OperationOutcome.WouldApply, (await place.Work.RunAsync(plan, dryRun: true)).Single().Outcome);
        Assert.Equal(trace, Databases.Trace(Path.GetDirectoryName(place.Database)!));

        await place.RunAsync(plan);
        var installed = place.Schema();
        await place.UndoAsync();
        Assert.Equal(schema, place.Schema());
        Assert.Equal(dashboard, place.Rows("SELECT * FROM corruption_status"));

        // An undo can be taken back, with the rows as they were.
        await place.UndoAsync();
        Assert.Equal(installed.Order(), place.Schema().Order());
        Assert.Equal(Oracle.Rows(place.Database), place.Rows());
        Assert.Empty((await place.Work.VerifyAsync()).Faults);
    }

    [Fact]
    public async Task The_old_view_is_kept_or_stands_over_the_table_with_its_columns_and_their_order()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        Corruptions.InsertRandom(place.Database, new Random(2), 80);
        await place.InstallAsync();
        Assert.Contains("SELECT event_type", place.Rows("SELECT sql FROM sqlite_master WHERE name = 'corruption_status'").Single(), StringComparison.Ordinal);

        await place.InstallAsync(redefineView: true);
        Assert.Equal(["corruption_id", "current_state", "retry_count", "file_path"], place.Rows("SELECT name FROM pragma_table_info('corruption_status')"));
        Assert.Equal(place.Rows("SELECT corruption_id, current_state, retry_count, file_path FROM corruption_summary ORDER BY 1"), place.Rows("SELECT * FROM corruption_status ORDER BY 1"));
        Assert.Single(place.Rows("SELECT * FROM dashboard"));
        Assert.Equal(Oracle.Rows(place.Database), place.Rows());
    }

    [Fact]
    public async Task A_unique_index_that_somebody_put_on_the_table_made_the_applications_inserts_fail_and_an_update_left_it_there()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        await place.InstallAsync();
        place.Do("CREATE UNIQUE INDEX theirs ON corruption_summary(file_path)", "CREATE INDEX by_error ON corruption_summary(last_error)");
        var schema = place.Schema();
        Assert.Contains("The index theirs is unique", Assert.Single((await place.TestAsync()).Issues).Message, StringComparison.Ordinal);

        await place.UpdateAsync();

        foreach (var id in new[] { "a", "b" })
        {
            using var connection = Databases.Open(place.Database);
            Corruptions.Insert(connection, id, "CorruptionDetected", """{"file_path":"/tv/same.mkv"}""");
        }

        Assert.Equal(Oracle.Rows(place.Database), place.Rows());
        Assert.True((await place.TestAsync()).Ok);
        Assert.Single(place.Schema(), item => item.Contains("by_error", StringComparison.Ordinal));
        place.Do("DELETE FROM events WHERE aggregate_id = 'b'");
        await place.UndoAsync();
        Assert.Equal(schema, place.Schema());
    }

    [Fact]
    public async Task What_the_project_shipped_is_found_wrong_and_why_is_set_right_and_comes_back_by_undo()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema, Corruptions.Proposed, "CREATE INDEX by_error ON corruption_summary(last_error) WHERE last_error IS NOT NULL");
        using (var connection = Databases.Open(place.Database))
        {
            Corruptions.Insert(connection, "a", "CorruptionDetected", """{"file_path":"/tv/a.mkv","path_id":1,"corruption_type":"Video"}""", "2026-01-05 01:00:00");
            Corruptions.Insert(connection, "a", "SearchFailed", """{"error":"no source"}""", "2026-01-05 01:01:00");
            Corruptions.Insert(connection, "a", "HealthCheckFailed", """{"file_path":"/tv/repacked.mkv"}""", "2026-01-05 01:02:00");
            Corruptions.Insert(connection, "a", "NotificationFailed", """{"error":"smtp"}""", "2026-01-05 01:03:00");
            Corruptions.Insert(connection, "gone", "CorruptionDetected", """{"file_path":"/tv/old.mkv"}""", "2025-01-05 01:00:00");
            Databases.Run(connection, "DELETE FROM events WHERE aggregate_id = 'gone'");
        }

        var (schema, rows) = (place.Schema(), place.Rows("SELECT rowid, * FROM corruption_summary"));
        var report = await place.TestAsync();
        Assert.False(report.Ok || report.Installed);
        Assert.Equal(
            ["current_state", "file_path", "last_error", "last_updated_at", "retry_count"],
            report.Issues.Select(issue => ((SummaryEvidence)issue.Evidence).Column).OfType<string>().Where(column => !column.EndsWith("_event_id", StringComparison.Ordinal)).Order());
        Assert.Equal((1, 1), (report.DriftedRows, report.RowsWithoutEvents));
        foreach (var fault in new[] { "foreign key on path_id", "NOT NULL on current_state", "counts by a pattern", "events that do not count", "data is no JSON", "reads older events again" })
        {
            Assert.Contains(report.Reasons, reason => reason.Contains(fault, StringComparison.Ordinal));
        }

        var plan = (await place.PlanInstallAsync())!;
        Assert.Equal(Risk.High, plan.HighestRisk);
        Assert.Contains("update_corruption_summary is dropped", plan.Operations.Single().Reason, StringComparison.Ordinal);
        await place.RunAsync(plan);
        Assert.Equal(
            ["a|HealthCheckFailed|1|/tv/a.mkv|1|NULL|Video|2026-01-05 01:00:00|2026-01-05 01:02:00", "gone|CorruptionDetected|0|/tv/old.mkv|NULL|NULL|NULL|2025-01-05 01:00:00|2025-01-05 01:00:00"],
            place.Rows());
        Assert.Single(place.Schema(), item => item.StartsWith("index|by_error", StringComparison.Ordinal));
        Assert.DoesNotContain(place.Schema(), item => item.Contains("idx_corruption_summary_state|", StringComparison.Ordinal));
        Assert.True((await place.TestAsync()).Ok);

        await place.UndoAsync();
        Assert.Equal(schema, place.Schema());
        Assert.Equal(rows, place.Rows("SELECT rowid, * FROM corruption_summary"));
    }

    [Fact]
    public async Task Two_summaries_that_one_plan_makes_anew_come_back_by_one_undo()
    {
        const string Orders = """
            events: { table: orders, order: id, aggregate_id: customer, event_type: kind, data: body }
            summary: { table: customers, key: customer, columns: { state: { latest: kind } } }
            """;
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema, "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, kind TEXT, body TEXT)", "INSERT INTO orders VALUES (1, 'a', 'paid', '{}')");
        Corruptions.InsertRandom(place.Database, new Random(5), 40);
        await place.InstallAsync();
        place.Definition = place.Work.PathOf("orders.yaml");
        await File.WriteAllTextAsync(place.Definition, Orders);
        await place.InstallAsync();
        place.Do("DROP TRIGGER corruption_summary_follows_events", "DROP TRIGGER customers_follows_orders");
        var schema = place.Schema();

        var plan = await place.Work.PlanAsync(await place.Work.ScanAsync("sqlite:" + place.Database));
        Assert.Equal(2, plan.Operations.Count(operation => operation is { Type: OperationTypes.InstallSummary, NeedsReview: false }));
        Assert.Equal(2, (await place.Work.RunAsync(plan)).Count(result => result.Outcome == OperationOutcome.Applied));
        await place.UndoAsync();

        Assert.Equal(schema, place.Schema());
    }

    [Fact]
    public async Task A_table_with_what_the_definition_does_not_make_is_left_alone()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema, "CREATE TABLE corruption_summary (corruption_id TEXT, note TEXT)", "INSERT INTO corruption_summary VALUES ('a', 'mine')");
        var plan = (await place.PlanInstallAsync())!;
        Assert.Contains("note", Assert.Single(plan.Operations, operation => operation.NeedsReview).Reason, StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.NeedsReview, (await place.Work.RunAsync(plan)).Single().Outcome);
        Assert.Equal(["a|mine"], place.Rows("SELECT * FROM corruption_summary"));
    }

    [Fact]
    public async Task A_database_that_changed_since_the_plan_is_left_alone()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        var plan = (await place.PlanInstallAsync())!;
        place.Do("CREATE TRIGGER mine AFTER INSERT ON events BEGIN SELECT 1; END");
        Assert.Equal(OperationOutcome.Stale, (await place.Work.RunAsync(plan)).Single().Outcome);
        Assert.DoesNotContain(place.Schema(), item => item.Contains("corruption_summary", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_of_an_installation_left_an_issue_of_high_severity_about_a_summary_that_nobody_has()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        var plan = await place.PlanInstallAsync();
        _ = await place.Work.RunAsync(plan!, dryRun: true);

        var issue = Assert.Single((await place.TestAsync()).Issues);
        Assert.Equal(Severity.Info, issue.Severity);
        Assert.Contains("is not installed", issue.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_library_too_old_for_the_trigger_is_told_before_its_inserts_fail()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        Databases.Overwrite(place.Database, 96, 0x00, 0x2D, 0xE6, 0x10); // 3.8.0, in the header's note of who wrote last
        Assert.Contains("3.24", (await place.PlanInstallAsync())!.Operations.Single(operation => operation.NeedsReview).Reason, StringComparison.Ordinal);
    }
}
