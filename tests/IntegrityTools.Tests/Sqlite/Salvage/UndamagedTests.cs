using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Tests.Sqlite.Salvage;

public sealed class UndamagedTests : IDisposable
{
    private readonly SalvageFolder folder = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 24)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_row_of_a_sound_database_comes_out_as_SQLite_reads_it(int seed)
    {
        var tables = RandomDatabase.Make(folder.Source, seed);

        var report = folder.Salvage();

        foreach (var (table, key) in tables)
        {
            Assert.Equal(SalvageFolder.Rows(folder.Source, table, key), SalvageFolder.Rows(folder.Destination, table, key));
        }

        Assert.Empty(report.Notes);
        Assert.Equal(0, report.DamagedRows + report.UncertainRows + report.UnplacedRows + report.PagesLost);
        Assert.Equal(1, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"));
    }

    [Fact]
    public void Committed_frames_of_a_log_count_and_the_file_and_its_log_stay_as_they_are()
    {
        using var writer = SalvageFolder.Open(folder.Source);
        void Run(string sql)
        {
            using var command = writer.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        Run("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)");
        Run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, 'value ' || i FROM n");
        Run("PRAGMA wal_checkpoint(PASSIVE)");
        Run("UPDATE t SET v = 'changed' WHERE id % 3 = 0");
        Run("PRAGMA cache_size=2; BEGIN; UPDATE t SET v = 'never committed'");
        var before = Directory.GetFiles(folder.Root).Order().Select(Describe).ToList();

        folder.Salvage();

        Assert.Equal(before, Directory.GetFiles(folder.Root).Where(file => file != folder.Destination).Order().Select(Describe));
        Run("ROLLBACK");
        Assert.Equal(SalvageFolder.Rows(writer, "t", "id"), SalvageFolder.Rows(folder.Destination, "t", "id"));
    }

    [Fact]
    public void A_full_text_index_an_rtree_a_sequence_views_and_triggers_are_there_again()
    {
        folder.Execute(
            "CREATE VIRTUAL TABLE f USING fts5(title, body)",
            "INSERT INTO f(rowid, title, body) VALUES(7, 'storks', 'white birds'), (9, 'cranes', 'grey birds')",
            "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, v)",
            "INSERT INTO a(id, v) VALUES(500, 'x')",
            "CREATE VIEW w AS SELECT v FROM a",
            "CREATE TRIGGER g AFTER INSERT ON a BEGIN DELETE FROM a WHERE v = 'gone'; END",
            "ANALYZE");

        folder.Salvage();

        Assert.Equal(9, SalvageFolder.Count(folder.Destination, "SELECT rowid FROM f WHERE f MATCH 'grey'"));
        Assert.Equal(500, SalvageFolder.Count(folder.Destination, "SELECT seq FROM sqlite_sequence WHERE name = 'a'"));
        Assert.Equal(2, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM sqlite_schema WHERE type IN ('view', 'trigger')"));
        Assert.False(SalvageFolder.HasTable(folder.Destination, "lost_and_found"));
    }

    [Fact]
    public void A_log_that_is_not_wanted_is_left_out()
    {
        using var writer = SalvageFolder.Open(folder.Source);
        using var command = writer.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; CREATE TABLE t(v); INSERT INTO t VALUES(1); PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO t VALUES(2)";
        command.ExecuteNonQuery();

        var report = folder.Salvage(wal: LogUse.Ignore);

        Assert.Equal(1, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t"));
        Assert.Contains("left out, as asked", Assert.Single(report.Notes), StringComparison.Ordinal);
    }

    private static string Describe(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return $"{Path.GetFileName(file)} {stream.Length} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(stream))}";
    }
}
