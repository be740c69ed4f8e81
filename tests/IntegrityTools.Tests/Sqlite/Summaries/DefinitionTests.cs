using IntegrityTools.Configuration;

namespace IntegrityTools.Tests.Sqlite.Summaries;

/// <summary>Definitions in YAML: right ones of any table, and wrong ones with the place of each error.</summary>
public class DefinitionTests
{
    private const string Tickets = """
        events: { table: "my events", order: "no.", aggregate_id: ticket, event_type: kind, data: body }
        summary:
          table: "it's a \"summary\"; DROP TABLE x"
          key: ticket
          view: "a view"
          columns:
            state: { latest: kind }
            "last word": { type: VARCHAR(20), latest: [$.text, $.title, note], keep: true }
            opened: { first: note, keep: true }
            began: { first: note }
            closed: { first: $.by, events: [closed] }
            title: { latest: $.title, events: [opened, renamed] }
            events: { count: ['*'] }
            "o'count": { count: ["it's", "co\"mment"] }
          indexes: [state, [state, "o'count"]]
        """;

    [Fact]
    public async Task Any_names_and_any_table_will_do_with_fallbacks_firsts_and_counts_of_all()
    {
        await using var place = new SummaryPlace();
        place.Do("CREATE TABLE \"my events\" (\"no.\" INTEGER PRIMARY KEY, ticket INTEGER, kind TEXT COLLATE NOCASE, body BLOB, note)", "CREATE TABLE x (i)");
        place.Definition = Write(place, Tickets);
        await place.InstallAsync(redefineView: true);
        place.Do(
            """INSERT INTO "my events" VALUES (1, 7, 'opened', '{"title":"t1"}', NULL), (2, 7, 'it''s', '{"text":"w","title":"t2"}', 'n1'), (3, 7, 'renamed', '{}', 'n2'), (4, 7, 'co"mment', NULL, NULL)""",
            """INSERT INTO "my events" VALUES (5, 7, 'closed', '{"by":"ann"}', NULL), (6, 7, 'closed', '{"by":"bob"}', NULL), (7, 'a text', 'opened', 'no', 2.5)""");
        Assert.Equal(
            ["7|closed|n2|n1|NULL|ann|NULL|6|2", "a text|opened|2.5|2.5|2.5|NULL|NULL|1|0"],
            place.Rows("""SELECT ticket, state, "last word", opened, began, closed, title, events, "o'count" FROM "a view" ORDER BY typeof(ticket)"""));
        var report = await place.TestAsync();
        Assert.True(report.Ok, string.Join('\n', report.Reasons.Concat(report.Issues.Select(issue => issue.Message))));

        place.Do("UPDATE \"it's a \"\"summary\"\"; DROP TABLE x\" SET \"o'count\" = 5, state = 'y' WHERE ticket = 7");
        await place.UpdateAsync();
        Assert.True((await place.TestAsync()).Ok);
        await place.UndoAsync();
        Assert.Equal(2, (await place.TestAsync()).DriftedValues);
        Assert.Equal(0L, Databases.Ask(place.Database, "SELECT count(*) FROM x"));
    }

    [Theory]
    [InlineData("order: id", "ordr: id", "3:3", "Did you mean 'order'")]
    [InlineData("data: event_data", "data: event_dta", "7:9", "Did you mean 'event_data'")]
    [InlineData("table: events", "table: event", "2:10", "Did you mean 'events'")]
    [InlineData("latest: event_type", "latest: event_typ", "16:42", "Did you mean 'event_type'")]
    [InlineData("latest: event_type", "latests: event_type", "16:34", "Did you mean 'latest'")]
    [InlineData("latest: $.error", "latest: '$.error['", "20:39", "is no JSON path")]
    [InlineData("type: TIMESTAMP, first", "type: 'TEXT); DROP TABLE events; --', first", "22:26", "is no type")]
    [InlineData("indexes: [current_state", "indexes: [current_stat", "24:12", "Did you mean 'current_state'")]
    [InlineData("key: corruption_id", "name: corruption_id", "13:3", "")]
    [InlineData("order: id", "order: event_type", "3:10", "no unique index")]
    [InlineData("first: created_at", "first: created_at, latest: created_at", "22:18", "Expected one of latest, first and count")]
    public async Task What_is_wrong_is_told_with_its_line_its_column_and_the_nearest_right_name(string right, string wrong, string where, string what)
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        var text = IntegrityTools.Sqlite.Summaries.BuiltInSummaries.Find("healarr")!;
        Assert.Contains(right, text, StringComparison.Ordinal);
        place.Definition = Write(place, text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..].Replace(right, wrong, StringComparison.Ordinal));
        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => place.PlanInstallAsync());
        Assert.Contains(refused.Errors, error => $"{error.Line}:{error.Column}" == where && error.ToString().Contains(what, StringComparison.Ordinal));
    }

    private static string Write(SummaryPlace place, string text)
    {
        var path = place.Work.PathOf("definition.yaml");
        File.WriteAllText(path, text);
        return path;
    }
}
