using IntegrityTools.Model;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Sqlite.Summaries;

/// <summary>Summaries that are not what their events make them: found per row and column, repaired by a plan, taken back.</summary>
public class DriftTests
{
    [Theory]
    [InlineData("UPDATE corruption_summary SET current_state = 'Edited', retry_count = 'x' WHERE corruption_id = 'a'", "a.current_state a.retry_count")]
    [InlineData("DELETE FROM corruption_summary WHERE corruption_id = 'b'", "b.")]
    [InlineData("UPDATE events SET event_type = 'SearchCompleted' WHERE id = 2", "a.retry_count")]
    [InlineData("DELETE FROM events WHERE id = 3", "a.current_state a.last_event_id a.last_updated_at")]
    [InlineData("UPDATE events SET event_data = 'no JSON' WHERE id = 1", "a.corruption_type a.file_path a.path_id")]
    [InlineData("DROP TRIGGER corruption_summary_follows_events; INSERT INTO events(aggregate_type, aggregate_id, event_type, event_data) VALUES ('corruption', 'b', 'SearchFailed', '{}')", ". b.current_state b.last_error b.last_event_id b.last_updated_at b.retry_count")]
    [InlineData("DROP INDEX idx_corruption_summary_path_id", ".")]
    public async Task What_differs_is_found_repaired_and_taken_back(string change, string expected)
    {
        await using var place = await CreateAsync();
        place.Do(change);
        var (schema, rows) = (place.Schema(), place.Rows("SELECT rowid, * FROM corruption_summary"));
        var report = await place.TestAsync();
        var found = report.Issues.Select(issue => (SummaryEvidence)issue.Evidence)
            .Select(drift => $"{(drift.Key is { } key ? key.Text.Contains("\"a\"", StringComparison.Ordinal) ? "a" : "b" : string.Empty)}.{drift.Column}").Order(StringComparer.Ordinal);
        Assert.Equal(expected.Split(' '), found);
        Assert.False(report.Ok);

        await place.UpdateAsync();
        Assert.True((await place.TestAsync()).Ok);
        Assert.Equal(Oracle.Rows(place.Database), place.Rows());

        await place.UndoAsync();
        Assert.Equal(rows, place.Rows("SELECT rowid, * FROM corruption_summary"));
        Assert.Equal(schema.Order(), place.Schema().Order());
    }

    [Fact]
    public async Task A_scan_finds_it_without_a_definition_since_the_trigger_carries_its_own()
    {
        await using var place = await CreateAsync();
        place.Do("UPDATE corruption_summary SET retry_count = 9 WHERE corruption_id = 'a'");
        var issues = await place.Work.Engine.ScanAsync(new ScanOptions { Store = place.Database, Types = ["SummaryDrift"] }, default).ToListAsync();
        var issue = Assert.Single(issues);
        Assert.Equal(("corruption_summary/a", "retry_count is 9, and the events make it 1."), (issue.Subject, issue.Message));
        await place.RunAsync(await place.Work.PlanAsync(issues));
        Assert.Empty(await place.Work.Engine.ScanAsync(new ScanOptions { Store = place.Database, Types = ["summary_drift"] }, default).ToListAsync());
    }

    [Fact]
    public async Task A_summary_that_was_damaged_since_the_scan_ended_its_planning_in_a_stack_trace()
    {
        await using var place = await CreateAsync();
        place.Do("UPDATE corruption_summary SET retry_count = 9 WHERE corruption_id = 'a'");
        var issues = await place.Work.Engine.ScanAsync(new ScanOptions { Store = place.Database, Types = ["SummaryDrift"] }, default).ToListAsync();
        foreach (var root in place.Rows("SELECT rootpage FROM sqlite_master WHERE tbl_name = 'corruption_summary' AND rootpage > 0"))
        {
            Databases.Overwrite(place.Database, (long.Parse(root, System.Globalization.CultureInfo.InvariantCulture) - 1) * 4096, new byte[8]);
        }

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Work.PlanAsync(issues));

        Assert.Contains("Scan the database", refused.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_that_an_event_changed_since_the_scan_is_not_set_to_what_was_true_then()
    {
        await using var place = await CreateAsync();
        place.Do("UPDATE corruption_summary SET current_state = 'Edited' WHERE corruption_id = 'a'");
        place.Definition = "healarr";
        var plan = (await place.Work.Engine.Summaries.PlanUpdateAsync(new() { Store = place.Database }, default))!;
        using (var connection = Databases.Open(place.Database))
        {
            Corruptions.Insert(connection, "a", "Edited", "{}");
        }

        Assert.Equal(OperationOutcome.Stale, (await place.Work.RunAsync(plan)).Single().Outcome);
        Assert.Equal(Oracle.Rows(place.Database), place.Rows());
    }

    [Fact]
    public async Task Rows_whose_events_retention_removed_are_kept_and_told()
    {
        await using var place = await CreateAsync();
        var before = place.Rows();

        // All of b, and the oldest of a: what only they could tell stays.
        place.Do("DELETE FROM events WHERE id <= 2 OR aggregate_id = 'b'");
        var report = await place.TestAsync();
        Assert.True(report is { Ok: true, RowsWithoutEvents: 1, RowsWithFewerEvents: 1 }, string.Join('\n', report.Issues.Select(issue => issue.Message)));
        using (var connection = Databases.Open(place.Database))
        {
            Corruptions.Insert(connection, "a", "DownloadFailed", """{"error":"late"}""", "2026-02-01");
            Corruptions.Insert(connection, "b", "SearchFailed", "{}", "2026-02-02");
        }

        place.Do("UPDATE corruption_summary SET last_error = 'edited' WHERE corruption_id = 'a'", "DROP TRIGGER corruption_summary_follows_events");
        Assert.Equal(["last_error"], (await place.TestAsync()).Issues.Select(issue => ((SummaryEvidence)issue.Evidence).Column).OfType<string>());

        // The table is made anew, and still nothing is forgotten.
        await place.UpdateAsync();
        Assert.Equal(["a|DownloadFailed|2|/tv/a|1|late|Video|2026-01-01|2026-02-01", "b|SearchFailed|1|/tv/b|NULL|NULL|NULL|2026-01-04|2026-02-02"], place.Rows());
        Assert.NotEqual(before, place.Rows());
        Assert.True((await place.TestAsync()).Ok);
    }

    [Fact]
    public async Task A_trigger_that_is_gone_is_found_by_a_scan_that_is_told_no_definition()
    {
        await using var place = await CreateAsync();
        place.Do("DROP TRIGGER corruption_summary_follows_events", "INSERT INTO events(aggregate_type, aggregate_id, event_type, event_data) VALUES ('corruption', 'late', 'SearchFailed', '{}')");

        var issues = await place.Work.Engine.ScanAsync(new ScanOptions { Store = place.Database, Types = ["consistency"] }, default).ToListAsync();

        Assert.Contains(issues, issue => issue.Message.Contains("No trigger of its own keeps it", StringComparison.Ordinal));
        Assert.Contains(issues, issue => issue.Subject == "corruption_summary/late");
    }

    [Fact]
    public async Task A_table_that_was_dropped_without_its_trigger_made_every_insert_of_an_event_fail_and_is_found_with_the_command_that_mends_it()
    {
        const string Event = "INSERT INTO events(aggregate_type, aggregate_id, event_type, event_data) VALUES ('corruption', 'b', 'SearchFailed', '{}')";
        await using var place = await CreateAsync();
        place.Do("DROP TABLE corruption_summary");
        Assert.Throws<SqliteException>(() => place.Do(Event));

        var issue = Assert.Single(await place.Work.Engine.ScanAsync(new ScanOptions { Store = place.Database, Types = ["consistency"] }, default).ToListAsync());
        Assert.Equal(Severity.Critical, issue.Severity);
        Assert.Contains("makes every insert into events fail", issue.Message, StringComparison.Ordinal);
        Assert.Contains("integrity summary update", issue.Message, StringComparison.Ordinal);
        Assert.False((await place.TestAsync()).Ok);
        var health = await place.Work.Engine.Health.MeasureAsync(place.Database, null, default);
        var queue = health.Checks.Single(check => check.Name == "queue");
        Assert.Equal((HealthStatus.Unhealthy, "1 critical issue is open."), (queue.Status, queue.Reason));

        await place.UpdateAsync();
        place.Do(Event);
        Assert.Equal(Oracle.Rows(place.Database), place.Rows());
    }

    private static async Task<SummaryPlace> CreateAsync()
    {
        var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        await place.InstallAsync();
        using var connection = Databases.Open(place.Database);
        Corruptions.Insert(connection, "a", "CorruptionDetected", """{"file_path":"/tv/a","path_id":1,"corruption_type":"Video"}""", "2026-01-01");
        Corruptions.Insert(connection, "a", "SearchFailed", "{}", "2026-01-02");
        Corruptions.Insert(connection, "a", "VerificationSuccess", "{}", "2026-01-03");
        Corruptions.Insert(connection, "b", "CorruptionDetected", """{"file_path":"/tv/b","error":"x"}""", "2026-01-04");
        return place;
    }
}
