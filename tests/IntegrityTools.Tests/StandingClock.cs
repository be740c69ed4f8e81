namespace IntegrityTools.Tests;

/// <summary>A clock that stands until it is set.</summary>
internal sealed class StandingClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

    public override DateTimeOffset GetUtcNow() => Now;

    public StandingClock After(TimeSpan time)
    {
        Now += time;
        return this;
    }
}
