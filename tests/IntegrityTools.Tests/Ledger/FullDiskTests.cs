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

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
