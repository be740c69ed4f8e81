using System.Diagnostics;
using System.Globalization;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;
using IntegrityTools.Tests.Sqlite;
using static IntegrityTools.Tests.Backups.SqliteBackups;

namespace IntegrityTools.Tests.Backups;

/// <summary>Backups of SQLite databases.</summary>
public class SqliteBackupTests
{
    [Theory]
    [InlineData("wal", "vacuum_into")]
    [InlineData("delete", "vacuum_into")]
    public async Task A_database_comes_back_row_by_row_with_its_rowids_and_journal_mode(string mode, string method)
    {
        await using var place = new Workplace();
        var path = Make(place, "it's a \"data\" base #1.db", mode);
        var before = Dump(path);

        var made = await BackUpAsync(place, path);
        Assert.Equal(method, made.Method);
        Assert.Equal(300, made.Counts["pair"]);
        Assert.NotNull(made.VerifiedAt);
        var verified = await place.Engine.Backups.TestAsync(made.Path, null, null, default);
        Assert.True(verified.Ok);
        Assert.Equal(1, verified.IssuesByType!["foreign_key_violation"]);

        var copy = place.PathOf("copy.db");
        var report = await RestoreAsync(place, made, copy);
        Assert.True(report.Created);
        Assert.Equal(before, Dump(copy));
        Assert.Equal(mode, Ask(copy, "PRAGMA journal_mode"));
        Assert.Equal(before, Dump(path));
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task A_damaged_database_is_refused_and_copied_only_as_evidence(string mode)
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", mode);
        var good = await BackUpAsync(place, path);
        var bytes = await File.ReadAllBytesAsync(path);
        Array.Fill(bytes, (byte)0x5a, bytes.Length / 2, 4096);
        await File.WriteAllBytesAsync(path, bytes);

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => BackUpAsync(place, path));
        Assert.Equal(ErrorIds.CheckFailed, failure.ErrorId);
        Assert.Equal([good.Id], (await place.Engine.Backups.ListAsync(place.PathOf("backups"), default)).Select(backup => backup.Id));

        var evidence = await BackUpAsync(place, path, force: true, retention: new BackupRetention { KeepFor = TimeSpan.Zero });
        Assert.Equal(BackupMode.Forensic, evidence.Mode);
        Assert.Null(evidence.VerifiedAt);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(place.PathOf("backups"), evidence.Files[0].Name)));
        Assert.Equal([evidence.Id, good.Id], (await place.Engine.Backups.ListAsync(place.PathOf("backups"), default)).Select(backup => backup.Id));
    }

    [Fact]
    public async Task A_store_was_backed_up_twice_at_once_into_one_folder_under_its_name_and_as_an_address()
    {
        await using var place = new Workplace("stores: { wards: { address: \"sqlite:app.db\" } }\n");
        var path = Make(place, "app.db", "delete");
        var first = await BackUpAsync(place, path);
        var named = new BackupOptions { Store = "wards", Folder = place.PathOf("backups") };
        using (BackupLock.Take(place.PathOf("backups"), "app", first.Store))
        {
            var second = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.Backups.CreateAsync(named, default));

            Assert.Equal(ErrorIds.LeaseHeld, second.ErrorId);
            Assert.Contains(first.Store, second.Message, StringComparison.Ordinal);
        }

        Assert.Equal((first.Store, 2L), await place.Engine.Backups.CreateAsync(named, default) is var next ? (next.Store, next.Number) : default);
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task Rows_that_break_a_CHECK_had_a_database_refused_as_damaged_and_are_saved_and_told_and_hide_no_damage(string mode)
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", mode);
        Run(path, "CREATE TABLE a(n INTEGER NOT NULL CHECK(n < 10)); PRAGMA ignore_check_constraints = ON; INSERT INTO a SELECT 10 + rowid FROM pair; PRAGMA wal_checkpoint(TRUNCATE)");

        var made = await BackUpAsync(place, path);

        Assert.NotNull(made.VerifiedAt);
        Assert.Contains("CHECK constraint failed in a.", Assert.Single(made.Remarks), StringComparison.Ordinal);
        Assert.True((await place.Engine.Backups.TestAsync(made.Path, null, null, default)).Ok);
        await RestoreAsync(place, made, place.PathOf("copy.db"));
        Assert.Equal("300", Ask(place.PathOf("copy.db"), "SELECT count(*) FROM a"));
        Databases.ChangeBehindIndex(path, "by_serial", "INSERT INTO pair VALUES('unindexed', 1, 1)");
        Assert.Contains("by_serial", (await Assert.ThrowsAsync<IntegrityException>(() => BackUpAsync(place, path))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(99)]
    public async Task A_file_of_which_less_than_its_header_is_left_ended_its_backup_in_a_stack_trace(int length)
    {
        await using var place = new Workplace();
        await File.WriteAllBytesAsync(place.PathOf("app.db"), [.. "SQLite format 3\0"u8, .. new byte[length - 16]]);

        Assert.Equal(ErrorIds.CheckFailed, (await Assert.ThrowsAsync<IntegrityException>(() => BackUpAsync(place, place.PathOf("app.db")))).ErrorId);
    }

    [Theory]
    [InlineData(0, "empty")]
    [InlineData(5000, "encrypted")]
    public async Task What_is_no_database_is_told_apart_from_a_damaged_one(int length, string word)
    {
        await using var place = new Workplace();
        await File.WriteAllBytesAsync(place.PathOf("app.db"), [.. Enumerable.Repeat((byte)0x77, length)]);

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => BackUpAsync(place, place.PathOf("app.db")));

        Assert.Equal(ErrorIds.CheckFailed, failure.ErrorId);
        Assert.Contains(word, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_over_a_function_that_only_the_application_has_is_copied_and_told_as_unchecked()
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", "wal");
        using (var application = Open(path))
        {
            application.CreateFunction("own", (long value) => value, isDeterministic: true);
            Execute(application, "CREATE INDEX by_own ON pair(own(serial))");
        }

        var made = await BackUpAsync(place, path);

        Assert.Equal("online_backup", made.Method);
        Assert.Null(made.VerifiedAt);
        Assert.Contains(made.Remarks, remark => remark.Contains("own()", StringComparison.Ordinal));
        Assert.Equal(300, made.Counts["pair"]);
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task Backups_while_four_processes_commit_fail_none_of_their_commits_and_hold_whole_transactions(string mode)
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", mode);
        var writers = Enumerable.Range(0, 4).Select(number => Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "SqliteSession.dll"), path, $"w{number}", mode == "wal" ? "0" : "20"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!).ToList();
        var backups = new List<BackupManifest>();
        try
        {
            while (Dump(path, "SELECT count(DISTINCT writer) FROM pair WHERE writer LIKE 'w%'") != "4\n")
            {
                Assert.All(writers, writer => Assert.False(writer.HasExited));
            }

            for (var number = 0; number < 4; number++)
            {
                backups.Add(await BackUpAsync(place, path));
            }
        }
        finally
        {
            foreach (var writer in writers)
            {
                writer.StandardInput.Close();
            }
        }

        foreach (var writer in writers)
        {
            var told = (await writer.StandardOutput.ReadToEndAsync()).Split(' ', '\n');
            await writer.WaitForExitAsync();
            Assert.True(int.Parse(told[0], CultureInfo.InvariantCulture) > 0);
            Assert.Equal("0", told[1]);
            writer.Dispose();
        }

        Assert.All(backups, backup => Assert.Equal(("online_backup", 0), (backup.Method, backup.Remarks.Count(remark => remark.Contains("could not be compared", StringComparison.Ordinal)))));
        foreach (var (index, backup) in backups.Index())
        {
            var copy = place.PathOf($"copy{index}.db");
            await RestoreAsync(place, backup, copy);
            Assert.Equal("ok\n", Dump(copy, "PRAGMA integrity_check"));
            Assert.Equal("", Dump(copy, "SELECT writer, serial FROM pair WHERE writer LIKE 'w%' GROUP BY writer, serial HAVING count(*) <> 2"));
        }
    }

    [Fact]
    public async Task Beside_an_application_the_pages_of_one_moment_are_copied_and_a_damaged_one_is_refused_as_any_other()
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", "wal");
        using var application = Open(path);
        Execute(application, "PRAGMA wal_autocheckpoint = 0; UPDATE pair SET serial = serial + 1000 WHERE rowid % 2 = 0");
        var before = Dump(path);

        var made = await BackUpAsync(place, path);

        Assert.Equal(("online_backup", 300L), (made.Method, made.Counts["pair"]));
        Assert.Empty(made.Remarks);
        await RestoreAsync(place, made, place.PathOf("copy.db"));
        Assert.Equal((before, "wal"), (Dump(place.PathOf("copy.db")), Ask(place.PathOf("copy.db"), "PRAGMA journal_mode")));

        Execute(application, "PRAGMA wal_checkpoint(TRUNCATE)");
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = file.Length / 2 / 4096 * 4096;
            file.Write([.. Enumerable.Repeat((byte)0x5a, 4096)]);
        }

        Assert.Equal(ErrorIds.CheckFailed, (await Assert.ThrowsAsync<IntegrityException>(() => BackUpAsync(place, path))).ErrorId);
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task Nobody_but_the_owner_reads_what_a_backup_evidence_or_a_salvage_holds_in_a_folder_that_is_open_to_all(string mode)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // Rights are inherited from the folder there.
        }

        await using var place = new Workplace();
        var path = Make(place, "app.db", mode);
        Directory.CreateDirectory(place.PathOf("backups"), (UnixFileMode)0b111_101_101);
        await BackUpAsync(place, path);
        await place.Engine.SalvageAsync(new() { Path = path, Destination = place.PathOf("backups/salvaged.db") }, default);
        await File.WriteAllTextAsync(path, "no database");
        await BackUpAsync(place, path, force: true);

        var files = Directory.GetFiles(place.PathOf("backups")).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).ToList();

        Assert.Equal(5, files.Count);
        foreach (var file in files)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Theory]
    [InlineData("../victim.txt")]
    [InlineData("..")]
    [InlineData("/victim.txt")]
    public async Task A_manifest_that_names_a_file_outside_its_folder_is_refused_and_the_file_is_not_removed_when_the_backup_expires(string name)
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", "wal");
        var victim = place.PathOf("victim.txt");
        await File.WriteAllTextAsync(victim, "precious");
        var made = await BackUpAsync(place, path);
        var text = await File.ReadAllTextAsync(made.Path);
        await File.WriteAllTextAsync(made.Path, text.Replace(made.Files[0].Name, name == "/victim.txt" ? victim : name, StringComparison.Ordinal));

        await BackUpAsync(place, path, retention: new BackupRetention { KeepFor = TimeSpan.Zero });

        Assert.Equal("precious", await File.ReadAllTextAsync(victim));
        Assert.Equal(ErrorIds.DamagedFile, (await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.Backups.FindAsync(made.Path, default))).ErrorId);
    }

    [Fact]
    public async Task One_damaged_manifest_does_not_hide_the_other_backups_that_the_ledger_knows()
    {
        await using var place = new Workplace();
        var path = Make(place, "app.db", "wal");
        var damaged = await BackUpAsync(place, path);
        var whole = await BackUpAsync(place, path);
        await File.WriteAllTextAsync(damaged.Path, "{");

        Assert.Equal([whole.Id], (await place.Engine.Backups.ListAsync(null, default)).Select(backup => backup.Id));
    }
}
