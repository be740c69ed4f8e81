using IntegrityTools.Model;
using IntegrityTools.Sqlite.Repair;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Indexes that cannot be made anew.</summary>
public class ReindexTests
{
    [Fact]
    public async Task An_index_that_rows_keep_from_being_made_anew_is_told_with_what_to_do_and_the_others_are_made_anew()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "CREATE TABLE t(id INTEGER PRIMARY KEY, code); CREATE UNIQUE INDEX t_code ON t(code); CREATE TABLE u(v); CREATE INDEX u_v ON u(v); INSERT INTO t VALUES (1, 'x')");
        Databases.ChangeBehindIndex(place.Database, "t_code", "INSERT INTO t VALUES (2, 'x')");
        Databases.ChangeBehindIndex(place.Database, "u_v", "INSERT INTO u VALUES (1)");
        var found = (await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.IndexMismatch).ToList();
        Assert.Contains("unless rows have come in", Assert.Single(found, issue => issue.Subject == "index:t_code").Message, StringComparison.Ordinal);

        var results = await place.Work.RunAsync(await place.Work.PlanAsync(found));

        Assert.Equal(OperationOutcome.Applied, Assert.Single(results, result => result.Subject == "index:u_v").Outcome);
        var failed = Assert.Single(results, result => result.Subject == "index:t_code");
        Assert.Equal(OperationOutcome.Failed, failed.Outcome);
        Assert.Contains("UNIQUE constraint failed: t.code'. Rows of its table have in common", failed.Message, StringComparison.Ordinal);

        // What it says to do is possible, and the same run comes to its end.
        Databases.Create(place.Database, "DROP INDEX t_code; DELETE FROM t WHERE id = 2; CREATE UNIQUE INDEX t_code ON t(code)");
        Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.Work.ResumeAsync(place.Work.Execution!.Id)).Outcome);
        Assert.DoesNotContain(await place.ScanAsync(), issue => issue.Type == IssueTypes.IndexMismatch);
    }

    [Fact]
    public async Task An_index_in_an_order_that_only_the_application_has_ended_the_whole_run()
    {
        await using var place = new Place();
        using (var application = Databases.Open(place.Database))
        {
            application.CreateCollation("mine", string.CompareOrdinal);
            Databases.Run(application, "CREATE TABLE t(v COLLATE mine); CREATE INDEX t_v ON t(v); INSERT INTO t VALUES ('x')");
        }

        using var writer = Databases.Open(place.Database);

        Assert.Matches("no such collation sequence: mine.*application's own program", IndexRepair.Reindex(writer, "t_v"));
    }
}
