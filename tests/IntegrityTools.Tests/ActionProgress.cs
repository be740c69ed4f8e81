using IntegrityTools.Model;

namespace IntegrityTools.Tests;

/// <summary>Tells each report at once, on the thread that made it.</summary>
internal sealed class ActionProgress(Action<WorkProgress> report) : IProgress<WorkProgress>
{
    public void Report(WorkProgress value) => report(value);
}
