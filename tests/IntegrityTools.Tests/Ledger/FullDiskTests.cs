using System.Diagnostics;
using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Ledger;

public sealed class FullDiskTests
{
    [SkippableFact]
    public async Task A_full_disk_is_told_by_the_write_and_does_not_crash_the_closing()
    {
        var folder = Directory.CreateTempSubdirectory("ledger-full-").FullName;
        Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder), "needs the right to mount a tmpfs");
        try
        {
            var ledger = await SqliteLedger.OpenAsync(new LedgerOptions { Path = Path.Combine(folder, "ledger.db") }, default);
            var failure = await Assert.ThrowsAsync<IntegrityException>(async () =>
            {
                for (var number = 0; number < 5000; number++)
                {
                    await ledger.AppendAsync([LedgerFolder.Event(number)], default);
                }
            });
            Assert.Equal(ErrorIds.LedgerUnavailable, failure.ErrorId);
            await ledger.DisposeAsync();
        }
        finally
        {
            Run("umount", folder);
            Directory.Delete(folder);
        }
    }

    [SkippableFact]
    public async Task A_log_file_for_which_there_is_no_room_has_whole_lines_only_and_goes_on_with_the_next()
    {
        using var place = new LedgerFolder();
        var folder = Directory.CreateTempSubdirectory("audit-full-").FullName;
        Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder), "needs the right to mount a tmpfs");
        try
        {
            var log = Path.Combine(folder, "audit.jsonl");
            await using var ledger = await place.OpenAsync(audit: log);
            await ledger.AppendAsync([LedgerFolder.Event(1)], default);
            var large = LedgerFolder.Event(2) with { Data = RawJson.FromText($"\"{new string('x', 20_000)}\"") };

            var failure = await Assert.ThrowsAsync<IntegrityException>(() => ledger.AppendAsync([large], default));
            await ledger.AppendAsync([LedgerFolder.Event(3)], default);

            Assert.Contains("but not in the audit's log file", failure.Message, StringComparison.Ordinal);
            Assert.Equal([1L, 3L], File.ReadLines(log).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("number").GetInt64()));
        }
        finally
        {
            Run("umount", folder);
            Directory.Delete(folder);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
