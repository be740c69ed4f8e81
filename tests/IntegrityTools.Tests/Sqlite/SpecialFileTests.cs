using System.Diagnostics;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Salvage;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Pipes, sockets and devices in the place of files.</summary>
public sealed class SpecialFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("integrity-special-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<string, string> Readers => new()
    {
        { "database", ErrorIds.StoreNotFound }, { "log", ErrorIds.StoreUnavailable }, { "schema", ErrorIds.InvalidArgument }, { "plan", ErrorIds.InvalidArgument }, { "backup", ErrorIds.InvalidArgument },
    };

    [SkippableTheory]
    [MemberData(nameof(Readers))]
    public async Task A_pipe_that_nobody_writes_to_was_waited_for_for_ever(string what, string errorId)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "What kind of file it is, is known on Linux.");
        var database = Databases.Create(Path.Combine(folder, "sound.db"), "CREATE TABLE t(v)");
        var pipe = Path.Combine(folder, what == "log" ? "sound.db-wal" : "app.db");
        using (var make = Process.Start("mkfifo", pipe))
        {
            await make.WaitForExitAsync();
        }

        var read = Task.Run(async () =>
        {
            switch (what)
            {
                case "log":
                    DatabaseFiles.Find(database);
                    break;
                case "schema":
                    GivenSchema.Read(pipe);
                    break;
                case "plan":
                    await PlanFile.ReadAsync(pipe, default);
                    break;
                case "backup":
                    await BackupFolder.OpenAsync(pipe, default);
                    break;
                default:
                    DatabaseFiles.Find(pipe);
                    break;
            }
        });
        var first = await Task.WhenAny(read, Task.Delay(TimeSpan.FromSeconds(10)));
        if (first != read)
        {
            // Lets go of who waits.
            new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite).Dispose();
        }

        Assert.Same(read, first);
        var failure = await Assert.ThrowsAsync<IntegrityException>(() => read);
        Assert.Equal((errorId, true), (failure.ErrorId, failure.Message.Contains("is a named pipe", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public void A_device_was_called_an_empty_database()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "What kind of file it is, is known on Linux.");
        Assert.Contains("is a device", Assert.Throws<IntegrityException>(() => DatabaseFiles.Find("/dev/null")).Message, StringComparison.Ordinal);
    }
}
