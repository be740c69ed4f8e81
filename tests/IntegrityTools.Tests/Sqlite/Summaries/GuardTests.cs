using IntegrityTools.Model;
using IntegrityTools.Sqlite.Summaries;

namespace IntegrityTools.Tests.Sqlite.Summaries;

/// <summary>Definitions that stand in somebody else's database, and were not read from a file of ours.</summary>
public class GuardTests
{
    private const string Whole = """
        "event_table":"events","order":"id","aggregate_id":"agg","event_type":"kind","table":"s","key":"agg","columns":[],"indexes":[],"except":[],"begin_with":[]
        """;

    [Fact]
    public async Task A_scan_ran_the_SQL_that_stood_for_a_type_in_a_database_s_summary_and_made_a_file_by_it()
    {
        await using var place = new SummaryPlace();
        var written = place.Work.PathOf("written.db");
        Make(place, $$"""{{{Whole}}, "key_type":"TEXT, v, w); ATTACH '{{written}}' AS a; CREATE TABLE a.t(x); --"}""");

        await place.Work.Engine.ScanAsync(new ScanOptions { Store = place.Database }, default).ToListAsync();

        Assert.False(File.Exists(written));
    }

    [Theory]
    [InlineData("""{"event_table":"events","order":"id","aggregate_id":"agg","event_type":"kind","table":"s","key":"agg","columns":[]}""")]
    [InlineData("{" + Whole + """, "of":"x"}""")]
    [InlineData("""{"event_table":"events","order":"id","aggregate_id":"agg","event_type":"kind","table":"s","key":"agg","indexes":[],"except":[],"begin_with":[],"columns":[{"name":"v","kind":"latest","sources":["$.x"],"event_types":[]}]}""")]
    [InlineData("""{"event_table":"events","order":"id","aggregate_id":"agg","event_type":"kind","table":"s","key":"agg","indexes":[],"except":[],"begin_with":[],"columns":[null]}""")]
    public async Task A_definition_that_lacked_a_part_ended_each_scan_in_a_stack_trace(string definition)
    {
        await using var place = new SummaryPlace();
        Make(place, definition);

        Assert.DoesNotContain(await place.Work.Engine.ScanAsync(new ScanOptions { Store = place.Database }, default).ToListAsync(), issue => issue.Severity > Severity.Medium);
    }

    [Fact]
    public void What_the_tool_writes_itself_is_admitted()
    {
        var definition = new SummaryDefinition
        {
            EventTable = "e",
            Order = "id",
            AggregateId = "a",
            EventType = "k",
            Data = "d",
            Table = "s",
            Key = "a",
            KeyType = "VARCHAR(20)",
            Columns = [new SummaryColumn { Name = "v", Kind = SummaryColumnKind.Latest, Sources = ["$.x"] }, new SummaryColumn { Name = "n", Kind = SummaryColumnKind.Count, Type = "INTEGER" }],
        };

        Assert.NotNull(SummarySql.Told(new SummarySql(definition).CreateTrigger()));
        Assert.False(SummaryGuard.Admits(definition with { KeyType = "TEXT); DROP TABLE e; --" }));
        Assert.False(SummaryGuard.Admits(definition with { Key = "v" }));
    }

    private static void Make(SummaryPlace place, string definition) => place.Do(
        "CREATE TABLE events(id INTEGER PRIMARY KEY, agg TEXT, kind TEXT); INSERT INTO events VALUES (1, 'a', 'x')",
        $"CREATE TABLE s(/* IntegrityTools summary {definition} */ agg TEXT PRIMARY KEY, v, first_event_id, last_event_id)");
}
