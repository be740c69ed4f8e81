using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite;

/// <summary>
/// Waits for what other processes have locked. SQLite's own waiting pauses for up to 100 ms, and for whole seconds where its library was built without usleep: it rarely meets
/// the moment between two commits of a busy writer, and nothing can call it off.
/// </summary>
internal static unsafe class BusyWait
{
    private const int PauseMs = 5;
    private static readonly AsyncLocal<Action<int>?> Watcher = new();

    [ThreadStatic]
    private static long since;

    [ThreadStatic]
    private static CancellationToken cancellation;

    /// <summary>For tests: told before each pause how many were made before it.</summary>
    internal static Action<int>? Pausing
    {
        get => Watcher.Value;
        set => Watcher.Value = value;
    }

    /// <summary>Sets for how long each statement of a connection waits, at most.</summary>
    public static void Set(SqliteConnection connection, TimeSpan longest)
    {
        // A command that met a lock tries again by itself for so many seconds, the least that it can be told: a statement that was busy at its commit, such as PRAGMA optimize,
        // ends the second time as if it had been done. What waited here for a second or more is over for it, too.
        connection.DefaultTimeout = 1;
        var milliseconds = (int)longest.TotalMilliseconds;
        if (SqliteRuntime.Export("sqlite3_busy_handler") is var register && register != nint.Zero)
        {
            _ = ((delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, int, int>, nint, int>)register)(connection.Handle!.DangerousGetHandle(), &Wait, milliseconds);
        }
        else
        {
            _ = raw.sqlite3_busy_timeout(connection.Handle, milliseconds);
        }
    }

    /// <summary>Does work on a database, which waits for no lock any more once it is cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was, while something waited or ran.</exception>
    public static T Run<T>(Func<T> work, CancellationToken cancellationToken)
    {
        var outer = cancellation;
        cancellation = cancellationToken;
        try
        {
            return work();
        }
        catch (Exception failure) when (cancellationToken.IsCancellationRequested && IsCutOff(failure as SqliteException ?? failure.InnerException as SqliteException))
        {
            throw new OperationCanceledException("The work was called off.", failure, cancellationToken);
        }
        finally
        {
            cancellation = outer;
        }
    }

    private static bool IsCutOff(SqliteException? failure) => failure?.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_INTERRUPT;

    /// <summary>What SQLite calls while something is locked: nonzero to try again.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Wait(nint longest, int pauses)
    {
        since = pauses == 0 ? Environment.TickCount64 : since;
        if (cancellation.IsCancellationRequested || Environment.TickCount64 - since >= longest)
        {
            return 0;
        }

        Watcher.Value?.Invoke(pauses);
        Thread.Sleep(PauseMs);
        return 1;
    }
}
