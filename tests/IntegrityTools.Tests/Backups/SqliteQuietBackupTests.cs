using IntegrityTools.Sqlite.Backups;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;
using IntegrityTools.Tests.Sqlite;
using static IntegrityTools.Tests.Backups.SqliteBackups;

namespace IntegrityTools.Tests.Backups;

/// <summary>Backups of SQLite databases that nobody has open.</summary>
public class SqliteQuietBackupTests
{
    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task A_backup_left_a_log_and_its_index_beside_a_database_that_nobody_had_open_and_the_next_one_took_them_for_an_application(string mode)
    {
        await using var place = new Place();
        var before = Trace(place, () => MakeFifty(place.Work, "data/app.db", mode));

        var first = await BackUpAsync(place.Work, place.Database);
        var second = await BackUpAsync(place.Work, place.Database);

        Assert.Equal(("vacuum_into", "vacuum_into"), (first.Method, second.Method));
        Assert.Equal((50L, 50L), (first.Counts["t"], second.Counts["t"]));
        Assert.NotNull(second.VerifiedAt);
        Assert.Equal(before, Databases.Trace(place.Data));
    }

    [Fact]
    public async Task The_log_that_a_killed_application_left_is_in_the_backup_and_stays_as_it_is()
    {
        await using var place = new Place();
        var before = Trace(place, () =>
        {
            using var application = Open(MakeFifty(place.Work, "alive.db"));
            Execute(application, "PRAGMA wal_autocheckpoint = 0; INSERT INTO t VALUES(51)");
            File.Copy(place.Work.PathOf("alive.db"), place.Database);
            File.Copy(place.Work.PathOf("alive.db-wal"), place.Database + "-wal");
        });

        var made = await BackUpAsync(place.Work, place.Database);

        Assert.Equal(("vacuum_into", 51L), (made.Method, made.Counts["t"]));
        Assert.Equal(before, Databases.Trace(place.Data));
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task What_is_written_while_a_database_is_copied_that_nobody_had_open_is_in_the_backup_or_not_as_a_whole(string mode)
    {
        await using var place = new Workplace();
        var path = MakeFifty(place, "app.db", mode);
        QuietCopy.HasCopied = () => Run(path, "INSERT INTO t VALUES(51)");

        var made = await BackUpAsync(place, path);

        Assert.Equal(("online_backup", 51L), (made.Method, made.Counts["t"]));

        // Nothing of the first attempt stays; in rollback mode rows cannot be counted without keeping writers waiting.
        Assert.Equal(mode == "wal" ? [] : ["Its rows were not counted"], made.Remarks.Select(remark => remark[..25]));
    }

    [SkippableTheory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task A_database_on_a_medium_that_is_read_only_could_not_be_backed_up(string mode)
    {
        await using var place = new Place();
        using var disk = SmallDisk.Mount(place.Data, 512);
        MakeFifty(place.Work, "data/app.db", mode);
        disk.SetReadOnly();

        var made = await BackUpAsync(place.Work, place.Database);

        Assert.Equal(("vacuum_into", 50L), (made.Method, made.Counts["t"]));
    }

    private static IReadOnlyList<string> Trace(Place place, Action make)
    {
        make();
        return Databases.Trace(place.Data);
    }
}
