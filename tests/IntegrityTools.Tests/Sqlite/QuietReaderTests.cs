using System.Globalization;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Tests.Repair;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Sqlite;

public class QuietReaderTests
{
    [Fact]
    public async Task The_second_reading_of_a_database_that_others_write_to_was_taken_though_they_wrote_again()
    {
        await using var place = new Workplace();
        var path = Make(place);
        var readings = 0;

        var rows = QuietReader.Read(
            DatabaseFiles.Find(path),
            connection =>
            {
                var count = Count(connection);
                if (++readings < 4)
                {
                    Grow(path);
                }

                return count;
            },
            default);

        Assert.Equal((4, 3), (readings, rows));
    }

    [Fact]
    public async Task A_writer_that_never_rests_ends_the_reading_with_an_error()
    {
        await using var place = new Workplace();
        var path = Make(place);
        var readings = 0;

        var failure = Assert.Throws<IntegrityException>(() => QuietReader.Read(
            DatabaseFiles.Find(path),
            connection =>
            {
                readings++;
                Grow(path);
                return Count(connection);
            },
            default));

        Assert.Equal((ErrorIds.StoreUnavailable, 5), (failure.ErrorId, readings));
    }

    [Fact]
    public async Task Whatever_a_torn_reading_threw_ended_it_though_the_next_one_was_whole()
    {
        await using var place = new Workplace();
        var path = Make(place);
        var files = DatabaseFiles.Find(path);
        var readings = 0;

        var rows = QuietReader.Read(
            files,
            connection =>
            {
                if (++readings == 1)
                {
                    Grow(path);
                    throw new FormatException("A value of two moments.");
                }

                return Count(connection);
            },
            default);

        Assert.Equal((2, 1), (readings, rows));
        Assert.Throws<FormatException>(() => QuietReader.Read<int>(files, _ => throw new FormatException("So it is."), default));
    }

    [Fact]
    public async Task A_reading_that_is_called_off_is_not_begun_again()
    {
        await using var place = new Workplace();
        var path = Make(place);
        using var stop = new CancellationTokenSource();
        var readings = 0;

        Assert.ThrowsAny<OperationCanceledException>(() => QuietReader.Read(
            DatabaseFiles.Find(path),
            connection =>
            {
                readings++;
                Grow(path);
                stop.Cancel();
                return 0;
            },
            stop.Token));
        Assert.Equal(1, readings);
    }

    [Fact]
    public async Task A_log_that_its_application_removed_while_a_scan_began_ended_the_scan()
    {
        await using var place = new Workplace();
        var path = Make(place);
        Databases.Create(path, "INSERT INTO a VALUES(zeroblob(16000000))");
        for (var delay = 0; delay < 20; delay++)
        {
            File.WriteAllBytes(path + "-wal", new byte[64]);
            var closing = Task.Run(async () =>
            {
                await Task.Delay(delay);
                File.Delete(path + "-wal");
            });

            using (var reader = QuietReader.Open(DatabaseFiles.Find(path), underLock: false, default))
            {
                Assert.Equal(1, Count(reader.Connection));
            }

            await closing;
        }
    }

    // In WAL mode no reader's lock keeps others from writing.
    private static string Make(Workplace place) => Databases.Create(place.PathOf("app.db"), "PRAGMA journal_mode = WAL", "CREATE TABLE a(body BLOB)");

    private static void Grow(string path) => Databases.Create(path, "INSERT INTO a VALUES(randomblob(20000))");

    private static int Count(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM a";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
