using System.Runtime.InteropServices;

namespace IntegrityTools.Cli.Hosting;

/// <summary>
/// A write beyond the longest file that the account may have (<c>ulimit -f</c>) ends a process by a signal, without a word. The write fails as well where the process goes on, and that
/// is told as any failure, with what to do next.
/// </summary>
internal static class LongFile
{
    // SIGXFSZ, on Linux and macOS alike.
    private const PosixSignal FileTooLong = (PosixSignal)25;

    /// <summary>Keeps the signal from ending the process; null where there is none.</summary>
    public static PosixSignalRegistration? GoOn() => OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(FileTooLong, context => context.Cancel = true);
}
