using IntegrityTools.Backups;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Salvage;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>A damaged database in the pipeline: planned, salvaged into a new file, taken back.</summary>
public class SalvageRepairTests
{
    private const int PageSize = 4096;

    [Theory]
    [InlineData(0, 100)]
    [InlineData(4 * PageSize, PageSize)]
    public async Task A_damaged_database_is_planned_as_one_salvage_into_a_new_file_and_an_undo_removes_it(long at, int length)
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        Databases.Overwrite(place.Database, at, new byte[length]);
        var before = Databases.Trace(place.Data);

        var plan = await place.Work.PlanAsync(await place.ScanWithoutTraceAsync());
        var operation = Assert.Single(plan.Operations, operation => !operation.NeedsReview);
        Assert.Equal((OperationTypes.Salvage, Risk.High), (operation.Type, operation.Risk));
        var result = Assert.Single(await place.Work.RunAsync(plan), result => result.Type == OperationTypes.Salvage);

        Assert.True(result.Outcome == OperationOutcome.Applied, result.Message);
        var written = Path.Combine(place.Data, "app.salvaged.db");
        Assert.Equal(300L, Databases.Ask(written, "SELECT count(*) FROM customer"));
        Assert.Contains("rows of", result.Message, StringComparison.Ordinal);
        Assert.Equal(before, Databases.Trace(place.Data).Where(file => !file.StartsWith("app.salvaged.db", StringComparison.Ordinal)));

        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync())).Outcome);
        Assert.Equal(before, Databases.Trace(place.Data));
        Assert.Empty((await place.Work.VerifyAsync()).Faults);
    }

    [Fact]
    public async Task A_database_that_changed_since_the_plan_is_not_salvaged_and_a_salvaged_one_that_was_changed_is_not_removed()
    {
        await using var place = new Place();
        var plan = await DamagedAsync(place);
        Databases.Overwrite(place.Database, 60, 7);
        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.Work.RunAsync(plan), result => result.Type == OperationTypes.Salvage).Outcome);
        Assert.Single(Directory.GetFiles(place.Data));

        plan = await place.Work.PlanAsync(await place.ScanAsync());
        await place.Work.RunAsync(plan);
        var written = Path.Combine(place.Data, "app.salvaged.db");
        Databases.Create(written, "DELETE FROM customer WHERE id = 5");
        Assert.Equal(OperationOutcome.Stale, Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync())).Outcome);
        Assert.True(File.Exists(written));
    }

    [Fact]
    public async Task A_file_that_stands_where_the_salvage_would_write_is_left_alone()
    {
        await using var place = new Place();
        var plan = await DamagedAsync(place);
        var written = Path.Combine(place.Data, "app.salvaged.db");
        await File.WriteAllTextAsync(written, "mine");
        Assert.Equal(OperationOutcome.Failed, Assert.Single(await place.Work.RunAsync(plan), result => result.Type == OperationTypes.Salvage).Outcome);
        Assert.Equal("mine", await File.ReadAllTextAsync(written));

        // Out of the way, the same execution goes on; and it knows its own file again.
        File.Delete(written);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.ResumeAsync(place.Work.Execution!.Id)).Outcome);
        Assert.Equal(300L, Databases.Ask(written, "SELECT count(*) FROM customer"));
    }

    [Fact]
    public async Task A_file_of_which_a_run_that_was_cut_off_does_not_know_is_left_to_a_person_by_an_undo()
    {
        await using var place = new Place();
        var operation = Assert.Single((await DamagedAsync(place)).Operations, operation => operation.Type == OperationTypes.Salvage);
        var written = Path.Combine(place.Data, "app.salvaged.db");
        var execution = new RepairExecution { Id = "exec", PlanId = "plan", Store = "sqlite:x", Status = ExecutionStatus.Stopped, Actor = "a", StartedAt = DateTimeOffset.UtcNow };
        using var undo = new IntegrityTools.Sqlite.Repair.SqliteUndo(
            place.Database, new Stores.UndoSource(execution, new Stores.BackupRecord("none", "", 0, 0, 0), null), [], default);
        Assert.Null(undo.Invert(new Stores.AppliedOperation(operation, null)));

        await File.WriteAllTextAsync(written, "mine");
        var inverse = undo.Invert(new Stores.AppliedOperation(operation, null));

        Assert.True(inverse is { Type: OperationTypes.Review, NeedsReview: true, Action: null });
        Assert.Contains("resume the execution first", inverse.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_holds_nothing_of_a_database_is_not_salvaged(bool encrypted)
    {
        await using var place = new Place();
        await File.WriteAllBytesAsync(place.Database, encrypted ? System.Security.Cryptography.RandomNumberGenerator.GetBytes(40960) : "no database"u8.ToArray());
        var plan = await place.Work.PlanAsync(await place.ScanWithoutTraceAsync());
        Assert.Equal(0, plan.Automatic);
    }

    [Fact]
    public async Task A_bound_on_risk_leaves_a_salvage_to_a_person()
    {
        await using var place = new Place(configuration: "resolution: { max_risk: medium }\n");
        Assert.Equal(0, (await DamagedAsync(place)).Automatic);
    }

    [Fact]
    public async Task A_backup_that_is_named_by_its_id_gives_a_salvage_its_schema_and_the_ledger_keeps_what_was_found()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        var backup = await place.Work.Engine.Backups.CreateAsync(new BackupOptions { Store = place.Database, Folder = place.Work.PathOf("backups") }, default);
        Databases.Overwrite(place.Database, 0, new byte[PageSize]);
        var written = place.Work.PathOf("new.db");

        var report = await place.Work.Engine.SalvageAsync(new SalvageOptions { Path = place.Database, Destination = written, SchemaPath = backup.Id }, default);

        Assert.Equal(300L, Databases.Ask(written, "SELECT count(*) FROM customer WHERE name LIKE 'customer %'"));
        Assert.Equal(600L, Databases.Ask(written, "SELECT count(*) FROM \"order\" INDEXED BY order_customer WHERE customer_id > 0"));
        var ledger = await place.Work.Engine.GetLedgerAsync(default);
        var entry = Assert.Single(await ledger.ReadEventsAsync(new LedgerQuery(), default).ToListAsync(), entry => entry.Event.Kind == LedgerEventKinds.DatabaseSalvaged).Event;
        Assert.Equal(("sqlite:" + place.Database, written), (entry.Store, entry.Subject));
        Assert.Equal(report.Rows, System.Text.Json.JsonDocument.Parse(entry.Data.Text).RootElement.GetProperty("rows").GetInt64());
        Assert.Empty((await place.Work.VerifyAsync()).Faults);

        var missing = await Assert.ThrowsAsync<IntegrityException>(
            () => place.Work.Engine.SalvageAsync(new SalvageOptions { Path = place.Database, Destination = place.Work.PathOf("other.db"), SchemaPath = "backup-none" }, default));
        Assert.Equal(ErrorIds.NotFound, missing.ErrorId);
        Assert.False(File.Exists(place.Work.PathOf("other.db")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_parent_that_a_backup_has_comes_back_once_for_all_its_children_and_an_undo_takes_it_away(bool byId)
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop);
        var backup = place.Work.PathOf("backup's.db");
        File.Copy(place.Database, backup);
        if (byId)
        {
            backup = (await place.Work.Engine.Backups.CreateAsync(new BackupOptions { Store = place.Database, Folder = place.Work.PathOf("backups") }, default)).Id;
        }

        Databases.Create(place.Database, "DELETE FROM customer WHERE id IN (7, 8)", "INSERT INTO item VALUES (900, 12345, NULL)");
        var issues = (await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation).ToList();
        Assert.Equal(5, issues.Count);

        var plan = await place.Work.PlanAsync(issues, backup: backup);
        Assert.Equal(2, plan.Operations.Count(operation => operation is { Type: OperationTypes.RestoreParentFromBackup, NeedsReview: false, Risk: Risk.High }));
        Assert.Equal(2, plan.Operations.Count(operation => operation.NeedsReview));
        Assert.Single(plan.Operations, operation => operation is { Type: OperationTypes.DeleteOrphans, Subject: "item/900" });

        Assert.All((await place.Work.RunAsync(plan)).Where(result => result.Type != OperationTypes.Review), result => Assert.True(result.Outcome == OperationOutcome.Applied, result.Message));
        Assert.DoesNotContain(await place.ScanAsync(), issue => issue.Type == IssueTypes.ForeignKeyViolation);
        Assert.Equal("customer 7", Databases.Ask(place.Database, "SELECT name FROM customer WHERE id = 7"));

        Assert.All(await place.Work.RunAsync(await place.Work.PlanUndoAsync()), result => Assert.True(result.Outcome == OperationOutcome.Applied, result.Message));
        Assert.Equal(298L, Databases.Ask(place.Database, "SELECT count(*) FROM customer"));
        Assert.Equal(1L, Databases.Ask(place.Database, "SELECT count(*) FROM item WHERE id = 900"));
    }

    [Fact]
    public async Task A_backup_without_the_parent_changes_nothing_of_the_plan()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop, "INSERT INTO item VALUES (900, 12345, NULL)");
        var backup = Databases.Create(place.Work.PathOf("other.db"), "CREATE TABLE \"order\" (id INTEGER PRIMARY KEY, other TEXT)", "INSERT INTO \"order\" VALUES (12345, 'x')");
        var issues = (await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation).ToList();
        Assert.Equal(OperationTypes.DeleteOrphans, Assert.Single((await place.Work.PlanAsync(issues, backup: backup)).Operations).Type);
    }

    private static async Task<RepairPlan> DamagedAsync(Place place)
    {
        Databases.Create(place.Database, Databases.Shop);
        Databases.Overwrite(place.Database, 0, new byte[100]);
        return await place.Work.PlanAsync(await place.ScanAsync());
    }
}
