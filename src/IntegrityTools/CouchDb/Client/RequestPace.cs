namespace IntegrityTools.CouchDb.Client;

/// <summary>Spaces the beginnings of requests evenly, so that no more than so many are started in a second, in parallel or not.</summary>
internal sealed class RequestPace(int perSecond)
{
    private readonly Lock gate = new();
    private TimeSpan next = TimeSpan.MinValue;

    /// <summary>How long a request has to wait that would begin now; its place is taken by asking.</summary>
    public TimeSpan Take(TimeSpan now)
    {
        lock (gate)
        {
            var begin = now > next ? now : next;
            next = begin + (TimeSpan.FromSeconds(1) / perSecond);
            return begin - now;
        }
    }
}
