using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>How far a scan for conflicts is: it goes through the feed, and when that has ended through the conflicts whose leaves are still to be read.</summary>
internal sealed class ConflictProgress(ICouchSource source, ScanStatistics statistics)
{
    private const long Megabyte = 1_000_000;
    private long found;
    private long waiting;
    private long left;

    /// <summary>What to show now.</summary>
    public WorkProgress Now => source.Reading is { } file ? new WorkProgress("Reading", file.Done / Megabyte, file.Total / Megabyte, "MB", 0)
        : Interlocked.Read(ref left) is > 0 and var all ? new WorkProgress("Reading conflicts", all - Interlocked.Read(ref waiting), all, "documents", Interlocked.Read(ref found))
        : new WorkProgress("Scanning", statistics.Documents, source.ExpectedDocuments, "documents", Interlocked.Read(ref found));

    /// <summary>The feed has listed a conflict.</summary>
    public void Listed() => Interlocked.Increment(ref waiting);

    /// <summary>The feed has ended: what is waiting now is what is left to do.</summary>
    public void FeedEnded() => Interlocked.Exchange(ref left, Interlocked.Read(ref waiting));

    /// <summary>So many of the listed conflicts were read and examined.</summary>
    public void Examined(int count) => Interlocked.Add(ref waiting, -count);

    /// <summary>An issue was found.</summary>
    public void Found() => Interlocked.Increment(ref found);
}
