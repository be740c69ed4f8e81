using System.Collections.Concurrent;

namespace IntegrityTools.CouchDb.Attachments;

/// <summary>
/// The files of large attachments that one reading has made: each is freed by whoever used its document, and what is left when the reading ends, as by a
/// failure or a cancellation, goes with this.
/// </summary>
internal sealed class HeldFiles : IDisposable
{
    private readonly ConcurrentDictionary<HeldFile, byte> open = new();

    /// <summary>A new one.</summary>
    public HeldFile Create()
    {
        var file = new HeldFile(keeps: true, gone => open.TryRemove(gone, out _));
        open[file] = 0;
        return file;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in open.Keys)
        {
            file.Dispose();
        }
    }
}
