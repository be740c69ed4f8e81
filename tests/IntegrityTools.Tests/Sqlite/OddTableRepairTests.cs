using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Tests.Backups;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Repairs of rows, and their undo, of tables whose declarations say more than most, or are changed in between.</summary>
public class OddTableRepairTests
{
    private const string Parent = "CREATE TABLE p(id INTEGER PRIMARY KEY)";

    [Theory]
    [InlineData("REPLACE")]
    [InlineData("ROLLBACK")]
    [InlineData("IGNORE")]
    public async Task An_undo_deleted_a_row_that_the_application_had_written_since_where_the_schema_says_what_to_do_on_conflict(string clause)
    {
        await using var place = new Place();
        await RepairAsync(place, $"CREATE TABLE c(id INTEGER PRIMARY KEY, p_id NOT NULL REFERENCES p, code UNIQUE ON CONFLICT {clause})", "INSERT INTO c VALUES (1, 99, 'x'), (2, 99, 'y'), (3, 99, 'z')");
        Databases.Create(place.Database, "INSERT INTO c VALUES (50, 1, 'y')");

        var results = await place.Work.RunAsync(await place.Work.PlanUndoAsync());

        var failed = Assert.Single(results, result => result.Outcome != OperationOutcome.Applied);
        Assert.Equal(("c/2", OperationOutcome.Failed), (failed.Subject, failed.Outcome));
        Assert.Contains(place.Work.Execution!.Undoes!, failed.Message, StringComparison.Ordinal); // the file that holds it
        Assert.Equal("1 x,3 z,50 y", Rows(place, "id || ' ' || code"));
    }

    [Theory]
    [InlineData("ALTER TABLE c ADD COLUMN added DEFAULT 7; ALTER TABLE d ADD COLUMN added")]
    [InlineData("CREATE TABLE n(note, p_id NOT NULL, id INTEGER PRIMARY KEY); INSERT INTO n SELECT note, p_id, id FROM c; DROP TABLE c; ALTER TABLE n RENAME TO c")]
    [InlineData("CREATE TABLE n(note, p_id, id INTEGER PRIMARY KEY); INSERT INTO n SELECT note, p_id, id FROM d; DROP TABLE d; ALTER TABLE n RENAME TO d")]
    public async Task A_column_that_was_added_or_moved_after_the_repair_kept_its_undo_from_giving_anything_back(string change)
    {
        await using var place = new Place();
        await RepairAsync(place, TwoTables);
        var repaired = Rows(place, Both);
        Databases.Create(place.Database, change);

        Assert.All(await place.Work.RunAsync(await place.Work.PlanUndoAsync()), result => Assert.True(result.Outcome == OperationOutcome.Applied, result.Message));
        Assert.Equal("1 99 x,2 99 y", Rows(place, Both));
        Assert.Equal("1 99 x", Rows(place, Both, "d"));

        Assert.All(await place.Work.RunAsync(await place.Work.PlanUndoAsync()), result => Assert.True(result.Outcome == OperationOutcome.Applied, result.Message));
        Assert.Equal(repaired, Rows(place, Both));
    }

    [Theory]
    [InlineData("ALTER TABLE c RENAME COLUMN note TO remark", "no column named note")]
    [InlineData("ALTER TABLE c RENAME TO other", "no such table: c")]
    [InlineData("DROP TABLE c; CREATE VIEW c AS SELECT * FROM d", "view")]
    public async Task A_table_that_was_changed_after_the_repair_kept_its_undo_from_the_rows_of_other_tables_for_ever(string change, string told)
    {
        await using var place = new Place();
        await RepairAsync(place, TwoTables);
        var repair = place.Work.Execution!.Id;
        Databases.Create(place.Database, change);

        var results = await place.Work.RunAsync(await place.Work.PlanUndoAsync());

        Assert.Equal(("d/1", OperationOutcome.Applied), (results[0].Subject, results[0].Outcome));
        Assert.All(results.Skip(1), result => Assert.Equal(OperationOutcome.Failed, result.Outcome));
        Assert.All(results.Skip(1), result => Assert.Contains(told, result.Message, StringComparison.Ordinal));
        Assert.All(results.Skip(1), result => Assert.Contains($"What it held is in '{Path.Combine(place.Work.Folder, "backups", repair)}", result.Message, StringComparison.Ordinal));
        Assert.Equal("1 99 x", Rows(place, Both, "d"));

        // Nothing is in the way of another undo once the table is as it was.
        if (change.StartsWith("ALTER TABLE c RENAME TO", StringComparison.Ordinal))
        {
            Databases.Create(place.Database, "ALTER TABLE other RENAME TO c");
            Assert.All(await place.Work.RunAsync(await place.Work.PlanUndoAsync(repair)), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));
            Assert.Equal("1 99 x,2 99 y", Rows(place, Both));
        }
    }

    [Fact]
    public async Task A_row_that_VACUUM_has_given_another_rowid_is_left_alone_by_an_undo_that_names_the_file_that_holds_it()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database, "CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE c(p_id REFERENCES p, note)", "INSERT INTO c VALUES (NULL, 'first'), (99, 'a')", "DELETE FROM c WHERE note = 'first'");
        await place.Work.RunAsync(await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation)));
        var saved = place.Work.Execution!.BackupPath!;
        Databases.Create(place.Database, "VACUUM");
        Assert.Equal("1|a", SqliteBackups.Ask(place.Database, "SELECT rowid, note FROM c WHERE p_id IS NULL"));

        var undone = Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync()));

        Assert.Equal(OperationOutcome.Stale, undone.Outcome);
        Assert.Contains(saved, undone.Message, StringComparison.Ordinal);
        Assert.Equal("1|a", SqliteBackups.Ask(place.Database, "SELECT rowid, note FROM c WHERE p_id IS NULL"));
    }

    [Fact]
    public async Task A_plan_that_another_tool_had_formatted_anew_ended_in_a_stack_trace_after_its_rows_were_saved()
    {
        await using var place = new Place();
        Databases.Create(place.Database, [Parent, .. TwoTables]);
        var path = place.Work.PathOf("plan.json");
        await PlanFile.ExportAsync(await PlanAsync(place), path, overwrite: false, default);
        using (var plan = JsonDocument.Parse(await File.ReadAllBytesAsync(path)))
        {
            await using var file = File.Create(path);
            await using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
            plan.WriteTo(writer);
        }

        var (read, unchanged) = await PlanFile.ReadAsync(path, default);
        Assert.True(unchanged);
        await PlanRecord.AppendAsync(await place.Work.Engine.GetLedgerAsync(default), read, LedgerEventKinds.PlanImported, [], default);
        Assert.All(await place.Work.RunAsync(read), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));
        Assert.All(await place.Work.RunAsync(await place.Work.PlanUndoAsync()), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));
        Assert.Equal("1 99 x,2 99 y", Rows(place, Both));
    }

    [Fact]
    public async Task A_table_with_a_collation_that_only_the_application_has_kept_the_rows_of_all_others_from_being_repaired()
    {
        await using var place = new Place();
        using (var application = Databases.Open(place.Database))
        {
            application.CreateCollation("mine", string.CompareOrdinal);
            Databases.Run(application, Parent);
            Databases.Run(application, "CREATE TABLE a(id INTEGER PRIMARY KEY, p_id NOT NULL REFERENCES p, name COLLATE mine); CREATE INDEX ai ON a(name); INSERT INTO a VALUES (1, 99, 'x')");
            Databases.Run(application, string.Join(';', TwoTables));
        }

        var plan = await PlanAsync(place);

        var left = Assert.Single(plan.Operations, operation => operation.NeedsReview);
        Assert.Equal("a/1", left.Subject);
        Assert.Contains("no such collation sequence: mine", left.Reason, StringComparison.Ordinal);
        Assert.Equal(3, (await place.Work.RunAsync(plan)).Count(result => result.Outcome == OperationOutcome.Applied));
    }

    [Fact]
    public async Task A_function_that_only_the_application_has_is_told_of_the_row_and_not_of_the_whole_run()
    {
        await using var place = new Place();
        using (var application = Databases.Open(place.Database))
        {
            application.CreateFunction("mine", (long value) => value, isDeterministic: true);
            Databases.Run(application, Parent);
            Databases.Run(application, "CREATE TABLE c(id INTEGER PRIMARY KEY, p_id REFERENCES p CHECK (mine(p_id) IS NOT 5)); INSERT INTO c VALUES (1, 99)");
        }

        var failed = Assert.Single(await place.Work.RunAsync(await PlanAsync(place)), result => result.Type != OperationTypes.Review);

        Assert.Equal(OperationOutcome.Failed, failed.Outcome);
        Assert.Contains("mine()", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a REFERENCES p, b REFERENCES p", "1")]
    [InlineData("a NOT NULL REFERENCES p, b NOT NULL REFERENCES p", "")]
    public async Task A_row_of_which_two_references_lead_nowhere_was_said_to_have_been_changed_by_somebody_else(string columns, string left)
    {
        await using var place = new Place();
        Databases.Create(place.Database, Parent, $"CREATE TABLE c(id INTEGER PRIMARY KEY, {columns})", "INSERT INTO c VALUES (1, 98, 99)");

        var results = await place.Work.RunAsync(await PlanAsync(place));

        Assert.Equal([OperationOutcome.Applied, OperationOutcome.NeedsReview], results.Select(result => result.Outcome).Order());
        Assert.Contains("Another operation of this plan", Assert.Single(results, result => result.Outcome == OperationOutcome.NeedsReview).Message, StringComparison.Ordinal);
        Assert.Equal(left, Rows(place, "id"));
    }

    private const string Both = "id || ' ' || ifnull(p_id, '') || ' ' || note";

    private static readonly string[] TwoTables =
    [
        "CREATE TABLE c(id INTEGER PRIMARY KEY, p_id NOT NULL REFERENCES p, note)", "INSERT INTO c VALUES (1, 99, 'x'), (2, 99, 'y')",
        "CREATE TABLE d(id INTEGER PRIMARY KEY, p_id REFERENCES p, note)", "INSERT INTO d VALUES (1, 99, 'x')",
    ];

    private static async Task RepairAsync(Place place, params string[] statements)
    {
        Databases.Create(place.Database, [Parent, .. statements]);
        Assert.All(await place.Work.RunAsync(await PlanAsync(place)), result => Assert.Equal(OperationOutcome.Applied, result.Outcome));
    }

    private static async Task<RepairPlan> PlanAsync(Place place) =>
        await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation));

    private static string Rows(Place place, string what, string table = "c") =>
        (string)Databases.Ask(place.Database, $"SELECT ifnull(group_concat(row), '') FROM (SELECT {what} AS row FROM {table} ORDER BY id)")!;
}
