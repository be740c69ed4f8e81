using IntegrityTools.Model;

namespace IntegrityTools.Tests;

/// <summary>Does something when work first tells how far it is, and holds the work until it is done.</summary>
internal sealed class FirstReport(Action action) : IProgress<WorkProgress>
{
    private int reports;

    public bool Came => reports > 0;

    public void Report(WorkProgress value)
    {
        if (Interlocked.Increment(ref reports) == 1)
        {
            action();
        }
    }
}
