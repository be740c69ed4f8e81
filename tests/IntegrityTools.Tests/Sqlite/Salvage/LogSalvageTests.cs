using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>What a salvage takes of the -wal or the rollback journal beside a file.</summary>
public sealed class LogSalvageTests : IDisposable
{
    private const string Numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) ";

    private readonly SalvageFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Pages_that_the_last_commit_of_a_log_cut_off_give_back_no_deleted_row()
    {
        using var writer = SalvageFolder.Open(folder.Source);
        using var command = writer.CreateCommand();
        command.CommandText = "PRAGMA auto_vacuum=FULL; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);"
            + Numbers + "INSERT INTO t SELECT i, hex(zeroblob(200)) FROM n; PRAGMA wal_checkpoint(TRUNCATE); DELETE FROM t WHERE id > 20";
        command.ExecuteNonQuery();

        var report = folder.Salvage();

        Assert.Equal(20, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t"));
        Assert.Equal(0, report.UncertainRows + report.UnplacedRows);
    }

    [Fact]
    public void A_damaged_text_encoding_in_the_files_header_left_the_databases_own_log_out_and_gave_old_rows_as_certain()
    {
        using var writer = SalvageFolder.Open(folder.Source);
        using var command = writer.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);"
            + Numbers + "INSERT INTO t SELECT i, 'old ' || i FROM n; PRAGMA wal_checkpoint(TRUNCATE); UPDATE t SET v = 'new ' || id; CREATE TABLE later(a)";
        command.ExecuteNonQuery();
        Databases.Overwrite(folder.Source, 59, [0x67]);

        folder.Salvage();

        Assert.Equal(500, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE v = 'new ' || id"));
    }

    [Theory]
    [InlineData(LogUse.Committed, false, 0)]
    [InlineData(LogUse.Ignore, false, 500)]
    [InlineData(LogUse.Everything, true, 0)]
    public void What_an_unfinished_transaction_changed_is_taken_back_as_the_journal_has_it(LogUse use, bool damaged, int changed)
    {
        LeaveJournal(damaged);

        var report = folder.Salvage(journal: use);

        var count = SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE v LIKE 'changed%'");
        Assert.True(damaged ? count is > 0 and < 100 : count <= changed && (changed == 0 || count > 0), $"{count} rows are as the transaction left them");
        Assert.Equal(500, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t"));
        Assert.Contains("ournal beside the file", string.Join(' ', report.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sound_database_with_a_journal_was_read_as_if_bytes_had_been_put_into_it()
    {
        const string grown = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3999) ";
        folder.Execute(
            "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE cfg(k TEXT PRIMARY KEY, v TEXT)",
            grown + "INSERT INTO users(name) SELECT 'user ' || i || ' ' || replace(hex(zeroblob(55)), '0', 'x') FROM n",
            "CREATE TABLE other(id INTEGER PRIMARY KEY, t TEXT); CREATE TABLE third(id INTEGER PRIMARY KEY, t TEXT)",
            "CREATE TEMP TABLE grow(i); CREATE TEMP TRIGGER each AFTER INSERT ON grow BEGIN INSERT INTO other(t) VALUES(replace(hex(zeroblob(45)), '0', 't') || NEW.i);"
            + "INSERT INTO users(name) VALUES('committed ' || replace(hex(zeroblob(50)), '0', 'x') || NEW.i); INSERT INTO third(t) SELECT replace(hex(zeroblob(35)), '0', 'd') || NEW.i WHERE NEW.i % 3 = 0; END",
            grown + "INSERT INTO grow SELECT i FROM n");
        var (users, other) = (SalvageFolder.Rows(folder.Source, "users", "id"), SalvageFolder.Rows(folder.Source, "other", "id"));
        using (var application = SalvageFolder.Open(folder.Source))
        {
            using var command = application.CreateCommand();
            command.CommandText = "PRAGMA cache_size = 10; BEGIN; UPDATE users SET name = 'UNC ' || name; INSERT INTO users(name) SELECT 'new ' || hex(randomblob(100)) FROM users LIMIT 800; CREATE TABLE u2(a)";
            command.ExecuteNonQuery();
            var (database, journal) = (SalvageFolder.Shared(folder.Source), SalvageFolder.Shared(folder.Source + "-journal"));
            command.CommandText = "ROLLBACK";
            command.ExecuteNonQuery();
            File.WriteAllBytes(folder.Source, database);
            File.WriteAllBytes(folder.Source + "-journal", journal);
        }

        var report = folder.Salvage();

        Assert.DoesNotContain(report.Notes, note => note.Contains(" bytes were ", StringComparison.Ordinal));
        Assert.Equal(users, SalvageFolder.Rows(folder.Destination, "users", "id"));
        Assert.Equal(other, SalvageFolder.Rows(folder.Destination, "other", "id"));
    }

    [Fact]
    public void A_damaged_record_of_a_journal_ends_what_is_taken_back_and_what_stands_behind_it_is_told()
    {
        LeaveJournal(damaged: true);

        var report = folder.Salvage();

        Assert.Contains("Record 2 of the rollback journal is damaged", string.Join(' ', report.Notes), StringComparison.Ordinal);
        Assert.True(SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE v LIKE 'changed%'") > 100);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    [InlineData(-2)]
    public void A_wrong_number_of_pages_in_a_journals_header_ended_the_salvage_or_hid_rows(int pages)
    {
        LeaveJournal(damaged: false);
        var journal = File.ReadAllBytes(folder.Source + "-journal");
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(journal.AsSpan(16), pages);
        File.WriteAllBytes(folder.Source + "-journal", journal);

        folder.Salvage();

        Assert.Equal(0, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE v NOT LIKE 'value%'"));
        Assert.Equal(500, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t"));
    }

    [Fact]
    public void A_journal_of_another_state_is_left_out_and_told()
    {
        LeaveJournal(damaged: false);
        var journal = File.ReadAllBytes(folder.Source + "-journal");
        folder.Execute("UPDATE t SET v = 'newer 1'", "UPDATE t SET v = 'newer 2'", "UPDATE t SET v = 'newer 3'");
        File.WriteAllBytes(folder.Source + "-journal", journal);

        var report = folder.Salvage();

        Assert.Equal(500, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE v = 'newer 3'"));
        Assert.Contains("of another state", string.Join(' ', report.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LogUse.Committed, 0)]
    [InlineData(LogUse.Everything, 100)]
    public void A_journal_that_may_be_another_databases_put_its_rows_among_the_files_own_unasked(LogUse use, int least)
    {
        folder.Execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)", Numbers + "INSERT INTO t SELECT i, 'mine ' || i || hex(zeroblob(200)) FROM n");
        var mine = File.ReadAllBytes(folder.Source);
        File.Delete(folder.Source);
        LeaveJournal(damaged: false);
        File.WriteAllBytes(folder.Source, mine);

        var report = folder.Salvage(journal: use);

        Assert.InRange(SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE v NOT LIKE 'mine%'"), least, 5 * least);
        Assert.Contains(report.Notes, note => note.Contains("locking_mode = EXCLUSIVE", StringComparison.Ordinal) && (least > 0 || note.Contains("--journal everything (-Journal Everything)", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false, "commit 1")]
    [InlineData(true, "commit 3")]
    public void A_damaged_frame_hides_later_commits_and_says_so(bool everything, string seen)
    {
        var frame = MakeLog(out var log);
        log[32 + frame + 24 + 200] ^= 1;
        File.WriteAllBytes(folder.Source + "-wal", log);

        var report = folder.Salvage(wal: everything ? LogUse.Everything : LogUse.Committed);

        Assert.Contains("Frame 2 of the -wal is damaged", string.Join(' ', report.Notes), StringComparison.Ordinal);
        Assert.Equal(3, SalvageFolder.Count(folder.Destination, $"SELECT count(*) FROM t WHERE v = '{seen}'"));
    }

    [Fact]
    public void A_log_without_header_is_told_and_taken_only_when_asked_for()
    {
        MakeLog(out var log);
        log.AsSpan(0, 32).Clear();
        File.WriteAllBytes(folder.Source + "-wal", log);

        var report = folder.Salvage();
        Assert.Contains("header of the -wal is damaged", string.Join(' ', report.Notes), StringComparison.Ordinal);
        Assert.Equal(0, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE v LIKE 'commit%'"));

        folder.Salvage(wal: LogUse.Everything);
        Assert.Equal(3, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE v = 'commit 3'"));
    }

    [Fact]
    public void A_torn_last_commit_of_a_log_is_left_out()
    {
        MakeLog(out var log);
        File.WriteAllBytes(folder.Source + "-wal", log[..^1000]);

        folder.Salvage();

        Assert.Equal(3, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE v = 'commit 2'"));
    }

    [Fact]
    public void A_log_beside_a_file_that_went_on_without_it_is_left_out()
    {
        MakeLog(out var log);
        folder.Execute("PRAGMA journal_mode=DELETE", "UPDATE t SET v = 'newer 1'", "UPDATE t SET v = 'newer 2'", "UPDATE t SET v = 'newer 3'");
        File.WriteAllBytes(folder.Source + "-wal", log);

        var report = folder.Salvage();

        Assert.Equal(3, SalvageFolder.Count(folder.Destination, "SELECT count(*) FROM t WHERE v = 'newer 3'"));
        Assert.Contains("not in WAL mode", string.Join(' ', report.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(12, 78)]
    [InlineData(20, 81)]
    [InlineData(28, 57)]
    public void A_small_file_into_which_a_page_came_and_out_of_which_another_was_cut_beside_its_log_gave_rows_others_values(int put, int cut)
    {
        using var writer = SalvageFolder.Open(folder.Source);
        using var command = writer.CreateCommand();
        command.CommandText = "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT) WITHOUT ROWID; CREATE TABLE u(id INTEGER PRIMARY KEY, v TEXT);"
            + Numbers + "INSERT INTO t SELECT i, replace(hex(zeroblob(iif(i % 4 = 0, 3000, 900))), '00', char(65 + i % 26, 97 + i / 26)) FROM n WHERE i <= 60;"
            + Numbers + "INSERT INTO u SELECT i, 'old ' || i FROM n WHERE i <= 60; PRAGMA wal_checkpoint(TRUNCATE); UPDATE u SET v = 'new ' || id";
        command.ExecuteNonQuery();
        var (large, small) = (SalvageFolder.Rows(writer, "t", "id"), SalvageFolder.Rows(writer, "u", "id"));
        var (file, log) = (SalvageFolder.Shared(folder.Source).ToList(), SalvageFolder.Shared(folder.Source + "-wal"));
        writer.Close();
        file.RemoveRange((cut - 1) * 4096, 4096);
        file.InsertRange((put - 1) * 4096, new byte[4096]);
        File.WriteAllBytes(folder.Source, [.. file]);
        File.WriteAllBytes(folder.Source + "-wal", log);

        folder.Salvage();

        var found = SalvageFolder.Rows(folder.Destination, "t", "id");
        Assert.All(found, row => Assert.Equal(large[row.Key], row.Value));
        Assert.InRange(found.Count, 45, 60);
        Assert.Equal(small, SalvageFolder.Rows(folder.Destination, "u", "id"));
    }

    // A transaction that had written to the file and was cut off: pages of the file are changed, and the journal has them as they were.
    private void LeaveJournal(bool damaged)
    {
        folder.Execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)", Numbers + "INSERT INTO t SELECT i, 'value ' || i || hex(zeroblob(100)) FROM n");
        byte[] file, journal;
        using (var writer = SalvageFolder.Open(folder.Source))
        {
            using var command = writer.CreateCommand();
            command.CommandText = "PRAGMA cache_size=10; BEGIN; CREATE TABLE extra(x); UPDATE t SET v = 'changed ' || id || hex(zeroblob(100))";
            command.ExecuteNonQuery();
            (file, journal) = (SalvageFolder.Shared(folder.Source), SalvageFolder.Shared(folder.Source + "-journal"));
            command.CommandText = "ROLLBACK";
            command.ExecuteNonQuery();
        }

        if (damaged)
        {
            journal[512 + 4 + 4096 + 4 + 4 + 4096 - 200] ^= 0x55;
        }

        File.WriteAllBytes(folder.Source, file);
        File.WriteAllBytes(folder.Source + "-journal", journal);
    }

    // Three commits, a frame each; the file itself has none of them. Returns a frame's length.
    private int MakeLog(out byte[] log)
    {
        using var writer = SalvageFolder.Open(folder.Source);
        using var command = writer.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES(1, 'a'), (2, 'b'), (3, 'c');"
            + "PRAGMA wal_checkpoint(TRUNCATE); UPDATE t SET v = 'commit 1'; UPDATE t SET v = 'commit 2'; UPDATE t SET v = 'commit 3'";
        command.ExecuteNonQuery();
        var copy = File.ReadAllBytes(folder.Source);
        log = SalvageFolder.Shared(folder.Source + "-wal");
        writer.Close();
        File.WriteAllBytes(folder.Source, copy);
        return 4096 + 24;
    }
}
