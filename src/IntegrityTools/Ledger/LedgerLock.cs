using IntegrityTools.Model;

namespace IntegrityTools.Ledger;

/// <summary>
/// The one lock under which a ledger is written and checkpointed, across threads and processes.
/// SQLite's own locks are not enough here: from 3.7.0 to 3.51.2 two connections that write and checkpoint one WAL file at the same
/// instant can corrupt it (the WAL-reset bug), and the library that is bundled is older than the fix. The operating system gives the
/// lock back when its holder dies, so a killed process leaves nothing to clean up; the file itself stays, since removing it would
/// let two processes lock two files of one name. The audit's log file has a lock of its own, since several ledgers may write one.
/// </summary>
internal static class LedgerLock
{
    private const int LongestPause = 50;

    public static async Task<FileStream> TakeAsync(string file, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var path = file + ".lock";
        var started = TimeProvider.System.GetTimestamp();
        for (var pause = 1; ; pause = Math.Min(pause * 2, LongestPause))
        {
            try
            {
                return LedgerFiles.Open(path, FileMode.OpenOrCreate, FileShare.None);
            }
            catch (IOException failure) when (LedgerFiles.IsHeldByAnother(failure))
            {
                if (TimeProvider.System.GetElapsedTime(started) >= timeout)
                {
                    throw new IntegrityException(
                        ErrorIds.LedgerUnavailable,
                        $"Another process has been writing {file} for {timeout.TotalSeconds:0.#} s and holds {path}.",
                        path,
                        "Wait until the other command ends, or end it if it hangs; the lock goes with it.",
                        failure);
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw LedgerErrors.From(failure, file);
            }

            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
        }
    }
}
