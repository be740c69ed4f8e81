namespace IntegrityTools.CouchDb.Storage;

/// <summary>Watches what a server does by itself, until it has ended.</summary>
internal static class Watch
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>Asks again and again, ever less often, while it goes on.</summary>
    public static async Task WhileAsync(Func<CancellationToken, Task<bool>> isRunning, CancellationToken cancellationToken)
    {
        for (var pause = ShortestPause; await isRunning(cancellationToken); pause = pause < LongestPause ? pause * 2 : LongestPause)
        {
            await Task.Delay(pause, cancellationToken);
        }
    }
}
