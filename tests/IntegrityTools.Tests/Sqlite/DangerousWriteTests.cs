using System.Buffers.Binary;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Repairs of databases in which a write goes over what is sound.</summary>
public class DangerousWriteTests
{
    private const string Numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) ";

    [Fact]
    public async Task A_repair_of_rows_destroyed_another_table_whose_pages_the_list_of_free_ones_names()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database, "PRAGMA page_size = 1024; CREATE TABLE keep(id INTEGER PRIMARY KEY, v); CREATE TABLE gone(v); CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, p_id REFERENCES p, v)",
            Numbers + "INSERT INTO keep SELECT i, hex(randomblob(60)) FROM n", Numbers + "INSERT INTO gone SELECT zeroblob(500) FROM n", Numbers + "INSERT INTO c SELECT i, 999, hex(randomblob(80)) FROM n",
            "CREATE INDEX c_v ON c(v, p_id); DELETE FROM gone");
        var found = (await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation).ToList();
        NameAsFree(place.Database, "keep");

        var plan = await place.Work.PlanAsync(found);
        var told = await place.Work.RunAsync(plan, dryRun: true);
        var results = await place.Work.RunAsync(plan);

        Assert.Equal(300L, Databases.Ask(place.Database, "SELECT count(*) FROM keep"));
        Assert.Equal(300L, Databases.Ask(place.Database, "SELECT count(p_id) FROM c NOT INDEXED"));
        Assert.All(results, result => Assert.Equal(OperationOutcome.Failed, result.Outcome));
        Assert.Contains("Any write to the file can destroy sound rows", results[0].Message, StringComparison.Ordinal);
        Assert.All(told, result => Assert.Equal((results[0].Outcome, results[0].Message), (result.Outcome, result.Message)));
    }

    [Fact]
    public async Task An_optimization_gave_pages_back_that_were_another_tables()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database, "PRAGMA page_size = 1024; PRAGMA auto_vacuum = 2; CREATE TABLE keep(id INTEGER PRIMARY KEY, v); CREATE TABLE gone(v)",
            Numbers + "INSERT INTO gone SELECT zeroblob(500) FROM n", Numbers + "INSERT INTO keep SELECT i, hex(randomblob(60)) FROM n", "DELETE FROM gone");
        NameAsFree(place.Database, "keep");
        var before = Databases.Trace(place.Data);

        await Assert.ThrowsAsync<IntegrityException>(() => place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun: true, force: false, default));
        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Work.Engine.Maintenance.OptimizeAsync(place.Database, dryRun: false, force: false, default));

        Assert.Equal(ErrorIds.CheckFailed, refused.ErrorId);
        Assert.Equal(before, Databases.Trace(place.Data));
    }

    [Fact]
    public async Task A_table_that_begins_on_no_page_was_told_by_no_check()
    {
        await using var place = new Place();
        Databases.Create(place.Database, "CREATE TABLE t(v); INSERT INTO t VALUES (1); CREATE VIRTUAL TABLE f USING fts5(v)", "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = 0 WHERE name = 't'");

        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.DamagedPage && issue.Subject.StartsWith("table:", StringComparison.Ordinal));

        Assert.Equal(("table:t", Severity.Critical), (issue.Subject, issue.Severity));
    }

    [Fact]
    public async Task Two_tables_that_begin_on_one_page_are_both_named_and_an_index_of_one_is_not_made_anew_from_the_others_rows()
    {
        await using var place = new Place();
        Databases.Create(
            place.Database, "CREATE TABLE t(v); INSERT INTO t VALUES (1), (2); CREATE INDEX t_v ON t(v); CREATE TABLE u(v); INSERT INTO u VALUES (7)",
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'u') WHERE name = 't'");

        var issues = await place.ScanWithoutTraceAsync();

        Assert.Contains(issues, issue => issue.Message.Contains("as the root of table t and table u.", StringComparison.Ordinal));
        Assert.False(Assert.Single(issues, issue => issue.Type == IssueTypes.IndexMismatch).CanAutoResolve);
    }

    /// <summary>Puts the leaves of a table on the list of free pages.</summary>
    private static void NameAsFree(string path, string table)
    {
        var root = (long)Databases.Ask(path, $"SELECT rootpage FROM sqlite_master WHERE name = '{table}'")!;
        var bytes = File.ReadAllBytes(path);
        var page = bytes.AsSpan((int)(root - 1) * 1024, 1024);
        var trunk = (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(32)) - 1) * 1024;
        var leaves = BinaryPrimitives.ReadUInt16BigEndian(page[3..]);
        for (var leaf = 0; leaf < leaves; leaf++)
        {
            var cell = BinaryPrimitives.ReadUInt16BigEndian(page[(12 + (2 * leaf))..]);
            Databases.Overwrite(path, trunk + 8 + (4 * leaf), page.Slice(cell, 4).ToArray());
        }
    }
}
