using IntegrityTools.Model;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Rows that a backup gives back since others lead to them.</summary>
public class ParentTests
{
    [Fact]
    public async Task A_parent_whose_rowid_another_row_had_got_since_was_said_to_be_there_with_other_values_and_never_came_back()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database, "CREATE TABLE p(code TEXT PRIMARY KEY, note); INSERT INTO p VALUES ('a', 1), ('b', 2)",
            "CREATE TABLE c(id INTEGER PRIMARY KEY, code NOT NULL REFERENCES p); INSERT INTO c VALUES (1, 'a'), (2, 'b')");
        var backup = place.Work.PathOf("backup.db");
        File.Copy(place.Database, backup);
        Databases.Create(place.Database, "DELETE FROM p WHERE code = 'b'; INSERT INTO p VALUES ('new', 3)");

        var plan = await place.Work.PlanAsync((await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation), backup: backup);
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.RunAsync(plan)).Outcome);
        Assert.Equal("a1,b2,new3", Rows(place));

        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.RunAsync(await place.Work.PlanUndoAsync())).Outcome);
        Assert.Equal("a1,new3", Rows(place));
    }

    private static string Rows(Place place) => (string)Databases.Ask(place.Database, "SELECT group_concat(code || note) FROM (SELECT * FROM p ORDER BY code)")!;
}
