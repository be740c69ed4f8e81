using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Salvage;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Logs and journals without page 1, of which only the number of pages tells whose they are.</summary>
public class ForeignLogTests
{
    private const int Rows = 2000;

    [Theory]
    [InlineData(Rows - 500)]
    [InlineData(Rows + 500)]
    public async Task A_log_of_another_database_of_the_same_application_was_taken_for_the_files_own(int rows)
    {
        await using var place = new Place();
        var other = place.Work.PathOf("other.db");
        LeaveLog(other, rows, "UPDATE setting SET value = 'foreign'");
        Make(place.Database, Rows, "WAL");
        File.Copy(other + "-wal", place.Database + "-wal");
        Assert.Null(Log(place).Header);

        var issues = await place.ScanWithoutTraceAsync();

        Assert.Equal(Severity.Critical, Assert.Single(issues, issue => issue.Subject == "wal").Severity);
        Assert.Contains(issues, issue => issue.Type == IssueTypes.ForeignWal);
        Assert.DoesNotContain((await place.Work.PlanAsync(issues)).Operations, operation => operation.Type == OperationTypes.Checkpoint);
        Assert.Equal(0L, Salvaged(place, "SELECT count(*) FROM setting WHERE value = 'foreign'"));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(Rows + 500)]
    public async Task A_journal_of_another_database_of_the_same_application_was_taken_for_the_files_own(int rows)
    {
        await using var place = new Place();
        var other = place.Work.PathOf("other.db");
        Make(other, Rows, "DELETE");
        LeaveJournal(other, "UPDATE customer SET name = 'Foreign ' || substr(name, 9)");
        Make(place.Database, rows, "DELETE");
        File.Copy(other + "-journal", place.Database + "-journal");
        Assert.Null(RollbackJournal.Read(place.Database + "-journal", everything: false, default)!.Header);

        var issue = Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Subject == "journal");

        Assert.Equal(Severity.Critical, issue.Severity);
        Assert.Contains("belongs to another one", issue.Message, StringComparison.Ordinal);
        Assert.Equal((long)rows, Salvaged(place, "SELECT count(*) FROM customer WHERE name LIKE 'customer%'"));
    }

    [Theory]
    [InlineData("NONE", "UPDATE setting SET value = 'own'")]
    [InlineData("NONE", "UPDATE customer SET name = name || hex(zeroblob(100)); UPDATE setting SET value = 'own'")]
    [InlineData("NONE", "BEGIN; CREATE TABLE large AS SELECT hex(randomblob(300)) FROM customer; DROP TABLE large; COMMIT; UPDATE setting SET value = 'own'")]
    [InlineData("NONE", "BEGIN; SAVEPOINT s; CREATE TABLE large AS SELECT hex(randomblob(300)) FROM customer; ROLLBACK TO s; CREATE TABLE small(x); COMMIT")]
    [InlineData("NONE", "DELETE FROM customer WHERE id > 20; VACUUM; UPDATE setting SET value = 'own'")]
    [InlineData("NONE", "DELETE FROM customer WHERE id > 20; VACUUM; PRAGMA wal_checkpoint; UPDATE setting SET value = 'own'")]
    [InlineData("FULL", "DELETE FROM customer WHERE id > 20; UPDATE setting SET value = 'own'")]
    [InlineData("FULL", "DELETE FROM customer WHERE id > 20; PRAGMA wal_checkpoint; UPDATE setting SET value = 'own'")]
    [InlineData("FULL", "DELETE FROM customer WHERE id > 20; CREATE TABLE large AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT hex(randomblob(300)) FROM n")]
    [InlineData("FULL", "CREATE TABLE large AS SELECT hex(randomblob(300)) FROM customer; PRAGMA wal_checkpoint; DROP TABLE large; UPDATE setting SET value = 'own'")]
    public async Task A_log_of_the_files_own_is_none_of_another_whatever_was_done(string vacuum, string statements)
    {
        await using var place = new Place();
        LeaveLog(place.Database, Rows, statements, vacuum);

        Assert.NotEqual(0, Log(place).Commits);
        Assert.DoesNotContain(await place.ScanWithoutTraceAsync(), issue => issue.Type == IssueTypes.ForeignWal);

        // Nor is it beside a file that was cut off, or in part where it was cut off itself.
        using (var file = new FileStream(place.Database, FileMode.Open))
        {
            file.SetLength(file.Length / 2 / 4096 * 4096);
        }

        Assert.Null(WhyForeign(place));
        var log = await File.ReadAllBytesAsync(place.Database + "-wal");
        await File.WriteAllBytesAsync(place.Database + "-wal", log[..(log.Length * 2 / 3)]);
        Assert.Null(WhyForeign(place));
    }

    [Theory]
    [InlineData("NONE", "BEGIN; UPDATE customer SET name = 'changed' || name")]
    [InlineData("NONE", "BEGIN; UPDATE customer SET name = 'Changed ' || substr(name, 9)")]
    [InlineData("NONE", "BEGIN; CREATE TABLE large AS SELECT hex(randomblob(300)) FROM customer")]
    [InlineData("FULL", "BEGIN; DELETE FROM customer WHERE id > 20; CREATE TABLE large AS SELECT hex(randomblob(300)) FROM setting")]
    [InlineData("INCREMENTAL", "DELETE FROM customer WHERE id > 900; BEGIN; PRAGMA incremental_vacuum; UPDATE customer SET name = 'changed' || name")]
    public async Task A_journal_of_the_files_own_is_none_of_another_whatever_was_done(string vacuum, string statements)
    {
        await using var place = new Place();
        Make(place.Database, Rows, "DELETE", vacuum);
        LeaveJournal(place.Database, statements.Split(';'));

        Assert.DoesNotContain("another", Assert.Single(await place.ScanWithoutTraceAsync(), issue => issue.Subject == "journal").Message, StringComparison.Ordinal);
        Assert.Equal((long)Databases.Ask(place.Database, "SELECT count(*) FROM customer")!, Salvaged(place, "SELECT count(*) FROM customer"));
    }

    private static WalFile Log(Place place) => WalFile.Read(place.Database + "-wal", 4096, everything: false, default)!;

    private static string? WhyForeign(Place place)
    {
        var bytes = File.ReadAllBytes(place.Database);
        return Log(place).WhyForeign(DatabaseHeader.Parse(bytes)!, bytes.Length);
    }

    private static object? Salvaged(Place place, string query)
    {
        var written = place.Work.PathOf("new.db");
        Salvager.Run(new SalvageOptions { Path = place.Database, Destination = written }, default);
        return Databases.Ask(written, query);
    }

    private static void Make(string path, int rows, string mode, string vacuum = "NONE") => Databases.Create(
        path,
        $"PRAGMA auto_vacuum = {vacuum}; PRAGMA journal_mode = {mode}",
        "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT); INSERT INTO setting VALUES ('a', 'b')",
        $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO customer SELECT i, 'customer ' || i || hex(zeroblob(40)) FROM n");

    /// <summary>Leaves what was done in the log alone, as a killed process does.</summary>
    private static void LeaveLog(string path, int rows, string statements, string vacuum = "NONE")
    {
        Make(path, rows, "WAL", vacuum);
        using (var session = new Session(path))
        {
            session.Run("PRAGMA wal_autocheckpoint = 0");
            foreach (var statement in statements.Split(';'))
            {
                session.Run(statement);
            }
        }

        File.Delete(path + "-shm");
    }

    /// <summary>Leaves a database in the middle of a transaction, as a killed process does.</summary>
    private static void LeaveJournal(string path, params string[] statements)
    {
        using var session = new Session(path);
        session.Run("PRAGMA cache_size = 2");
        if (statements.Length == 1)
        {
            session.Run("BEGIN");
        }

        foreach (var statement in statements)
        {
            session.Run(statement.Trim());
        }
    }
}
