namespace IntegrityTools.Tests.Engines;

/// <summary>Tells the first caller from all others.</summary>
internal sealed class Once
{
    private int callers;

    public bool IsFirst() => Interlocked.Increment(ref callers) == 1;
}
