using System.Diagnostics;
using System.Globalization;
using IntegrityTools.Ledger;

namespace IntegrityTools.Tests.Ledger;

/// <summary>The connections by which a ledger is read.</summary>
public sealed class ReadingTests : IDisposable
{
    // The byte range by which SQLite shares a file.
    private const string SharedFrom = "1073741826";
    private readonly LedgerFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SkippableFact]
    public async Task Between_two_questions_one_connection_stays_open_and_none_when_the_ledger_is_closed()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs Linux's /proc");
        await folder.FillAsync(3);
        await using (var ledger = await folder.OpenAsync())
        {
            Assert.Equal(3, await ledger.ReadEventsAsync(new LedgerQuery(), default).CountAsync());
            Assert.Equal(1, OpenFiles());
            Assert.Equal(3, await ledger.ReadEventsAsync(new LedgerQuery(), default).CountAsync());
            Assert.Equal(1, OpenFiles());
        }

        Assert.Equal(0, OpenFiles());
    }

    [Fact]
    public async Task What_is_appended_after_a_question_is_in_the_next_answer_whoever_appends_it()
    {
        await folder.FillAsync(1);
        await using var ledger = await folder.OpenAsync();
        Assert.Equal(1, await ledger.ReadEventsAsync(new LedgerQuery(), default).CountAsync());
        await ledger.AppendAsync([LedgerFolder.Event(2)], default);
        Assert.Equal(2, await ledger.ReadEventsAsync(new LedgerQuery(), default).CountAsync());
        await folder.FillAsync(3);
        Assert.Equal(5, await ledger.ReadEventsAsync(new LedgerQuery(), default).CountAsync());
    }

    [SkippableFact]
    public async Task A_reader_keeps_its_lock_on_the_ledger_when_the_first_append_opens_it_for_writing()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs Linux's /proc");
        await folder.FillAsync(3);
        await using var ledger = await folder.OpenAsync();
        await using var reading = ledger.ReadEventsAsync(new LedgerQuery(), default).GetAsyncEnumerator();
        Assert.True(await reading.MoveNextAsync());
        Assert.Equal(1, SharedLocks());

        await ledger.AppendAsync([LedgerFolder.Event(4)], default);

        Assert.Equal(1, SharedLocks());
    }

    [SkippableFact]
    public async Task A_ledger_that_was_put_in_the_place_of_another_is_the_one_that_is_read()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs the numbers of files");
        using var other = new LedgerFolder();
        await other.FillAsync(5);
        await folder.FillAsync(1);
        await using var ledger = await folder.OpenAsync();
        Assert.Equal(1, await ledger.ReadEventsAsync(new LedgerQuery(), default).CountAsync());

        foreach (var suffix in new[] { "-wal", "-shm" })
        {
            File.Delete(folder.Path + suffix);
            if (File.Exists(other.Path + suffix))
            {
                File.Move(other.Path + suffix, folder.Path + suffix);
            }
        }

        File.Move(other.Path, folder.Path, overwrite: true);

        Assert.Equal(5, await ledger.ReadEventsAsync(new LedgerQuery(), default).CountAsync());
        await ledger.AppendAsync([LedgerFolder.Event(6)], default);
        Assert.Equal(6, await ledger.ReadEventsAsync(new LedgerQuery(), default).CountAsync());
    }

    private int OpenFiles() => Directory.GetFiles("/proc/self/fd").Count(file => new FileInfo(file).LinkTarget == folder.Path);

    private int SharedLocks()
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%i", folder.Path]) { RedirectStandardOutput = true })!;
        var inode = ":" + stat.StandardOutput.ReadToEnd().Trim();
        stat.WaitForExit();
        var own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return File.ReadAllLines("/proc/locks").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(word => word is [_, "POSIX", "ADVISORY", "READ", var process, var file, SharedFrom, _] && process == own && file.EndsWith(inode, StringComparison.Ordinal));
    }
}
