using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Sqlite.Summaries;

/// <summary>What the trigger does for each event, and what it never does: refuse one.</summary>
public class TriggerTests
{
    [Fact]
    public async Task No_event_is_refused_whatever_it_holds()
    {
        await using var place = new SummaryPlace();

        // The events as they could be: nothing is NOT NULL, and the types are whatever comes.
        place.Do(Corruptions.Schema.Replace(" NOT NULL", string.Empty, StringComparison.Ordinal));
        await place.InstallAsync();
        using (var connection = Databases.Open(place.Database))
        {
            Databases.Run(connection, "PRAGMA foreign_keys = ON");
            Databases.Run(connection, "DELETE FROM scan_paths");
            foreach (var data in new object?[] { "no JSON", null, 17L, 1.5, new byte[] { 0xff, 0, 0x7b }, """{"path_id":999,"file_path":["a"]}""", new string('[', 5000), "{\"error\":\"\\u0000\"}" })
            {
                Corruptions.Insert(connection, "a", "CorruptionDetected", data);
            }

            Databases.Run(connection, "INSERT INTO events(aggregate_type, aggregate_id, event_type, event_data) VALUES ('corruption', NULL, NULL, NULL), ('corruption', 'b', NULL, '{}'), (NULL, 'c', 'x', 'y')");
            Databases.Run(connection, "INSERT INTO events(aggregate_type, aggregate_id, event_type, event_data) VALUES ('corruption', x'00ff', 'CorruptionDetected', '{}')");
        }

        Assert.Equal(12L, Databases.Ask(place.Database, "SELECT count(*) FROM events"));
        Assert.Equal(["CorruptionDetected|999|[\"a\"]"], place.Rows("SELECT current_state, path_id, file_path FROM corruption_summary WHERE corruption_id = 'a'"));
        Assert.True((await place.TestAsync()).Ok);
    }

    [Theory]
    [InlineData("REPLACE")]
    [InlineData("IGNORE")]
    [InlineData("FAIL")]
    [InlineData("ABORT")]
    [InlineData("ROLLBACK")]
    public async Task It_keeps_its_row_whatever_the_inserts_conflict_clause_says(string clause)
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        await place.InstallAsync();
        for (var number = 0; number < 3; number++)
        {
            place.Do($$"""INSERT OR {{clause}} INTO events(aggregate_type, aggregate_id, event_type, event_data) VALUES ('corruption', 'a', '{{(number == 0 ? "CorruptionDetected" : "SearchFailed")}}', '{"file_path":"/tv/{{number}}"}')""");
        }

        Assert.Equal(["a|SearchFailed|2|/tv/0"], place.Rows("SELECT corruption_id, current_state, retry_count, file_path FROM corruption_summary"));
    }

    [Fact]
    public async Task Notifications_change_nothing_and_only_the_five_count_as_retries()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        await place.InstallAsync();
        using (var connection = Databases.Open(place.Database))
        {
            Corruptions.Insert(connection, "n", "NotificationSent", "{}", "2026-01-01");
            Corruptions.Insert(connection, "a", "CorruptionDetected", """{"file_path":"/tv/a","path_id":2,"corruption_type":"Audio"}""", "2026-01-02");
            foreach (var kind in Corruptions.Retries.Append("HealthCheckFailed"))
            {
                Corruptions.Insert(connection, "a", kind, $$"""{"error":"{{kind}}"}""", "2026-01-03");
            }

            Corruptions.Insert(connection, "a", "NotificationFailed", """{"error":"smtp"}""", "2026-01-04");
            Corruptions.Insert(connection, "a", "DeletionFailed", "{}", "2026-01-05", type: "system");
        }

        Assert.Equal(["a|HealthCheckFailed|5|/tv/a|2|HealthCheckFailed|Audio|2026-01-02|2026-01-03"], place.Rows());
    }

    [Fact]
    public async Task Events_count_in_the_order_of_their_ids_and_a_late_one_takes_no_newer_ones_place()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        await place.InstallAsync();
        using (var connection = Databases.Open(place.Database))
        {
            // The times run the other way, and in another format.
            Corruptions.Insert(connection, "a", "SearchStarted", """{"error":"b"}""", "2026-01-03T00:00:00Z", number: 20);
            Corruptions.Insert(connection, "a", "VerificationSuccess", "{}", "2026-01-02 00:00:00", number: 30);
            Corruptions.Insert(connection, "a", "CorruptionDetected", """{"file_path":"/tv/a","error":"a"}""", "2026-01-09 00:00:00", number: 10);
            Corruptions.Insert(connection, "a", "SearchFailed", """{"error":"c"}""", "2026-01-01 00:00:00", number: 25);
        }

        Assert.Equal(["a|VerificationSuccess|1|/tv/a|NULL|NULL|NULL|2026-01-09 00:00:00|2026-01-02 00:00:00"], place.Rows());
        Assert.Equal(Oracle.Rows(place.Database), place.Rows());
        Assert.True((await place.TestAsync()).Ok);
    }

    [Fact]
    public async Task The_time_of_detection_was_a_later_events_where_the_first_had_none()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        using (var connection = Databases.Open(place.Database))
        {
            Corruptions.Insert(connection, "a", "CorruptionDetected", "{}", at: null);
            Corruptions.Insert(connection, "a", "SearchStarted", "{}", "2026-01-02");
            await place.InstallAsync();
            Corruptions.Insert(connection, "b", "CorruptionDetected", "{}", at: null);
            Corruptions.Insert(connection, "b", "SearchStarted", "{}", "2026-01-03");
            Corruptions.Insert(connection, "a", "SearchFailed", "{}", "2026-01-04");
        }

        Assert.Equal(["a|NULL|2026-01-04", "b|NULL|2026-01-03"], place.Rows("SELECT corruption_id, detected_at, last_updated_at FROM corruption_summary ORDER BY 1"));
        Assert.True((await place.TestAsync()).Ok);

        // Retention takes the first events, and nothing of what they said is made up.
        place.Do("DELETE FROM events WHERE event_type = 'CorruptionDetected'");
        Assert.Equal(0, (await place.TestAsync()).DriftedValues);
    }

    [Fact]
    public async Task An_event_costs_the_same_with_a_thousand_before_it_as_with_ten()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        await place.InstallAsync();
        using var connection = Databases.Open(place.Database);
        Databases.Run(connection, "BEGIN");
        long? first = null;
        for (var number = 0; number < 1000; number++)
        {
            Corruptions.Insert(connection, "a", "SearchFailed", "{}");
            if (number == 10)
            {
                first = Steps(connection);
            }
        }

        // Counted in steps of SQLite's own machine, not in time.
        Assert.Equal(first, Steps(connection));
    }

    private static long Steps(SqliteConnection connection)
    {
        using var statement = connection.CreateCommand();
        statement.CommandText = "INSERT INTO events(aggregate_type, aggregate_id, event_type, event_data) VALUES ('corruption', 'a', 'SearchFailed', '{}')";
        SQLitePCL.raw.sqlite3_prepare_v2(connection.Handle, statement.CommandText, out var prepared);
        using (prepared)
        {
            SQLitePCL.raw.sqlite3_step(prepared);
            return SQLitePCL.raw.sqlite3_stmt_status(prepared, 4, 0);
        }
    }
}
