using System.Runtime.InteropServices;

namespace IntegrityTools.Stores;

/// <summary>Long work beside an application that needs the processor more: on a thread of its own, behind the others when they want to run.</summary>
internal static partial class QuietThread
{
    private const int OfThread = 0;
    private const int Niceness = 10;

    /// <summary>Runs it there.</summary>
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            GiveWay();
            try
            {
                done.SetResult(work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        })
        {
            IsBackground = true,
            Name = "integrity-quiet",
            Priority = ThreadPriority.BelowNormal,
        };
        thread.Start();
        return done.Task;
    }

    /// <summary>.NET's priorities do nothing on Linux, where each thread has its own niceness; it ends with the thread.</summary>
    private static void GiveWay()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(OfThread, 0, Niceness);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int niceness);
}
