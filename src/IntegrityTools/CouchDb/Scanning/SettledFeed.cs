using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>Knows up to where a feed is settled, whose batches are examined several at a time and end in any order.</summary>
internal sealed class SettledFeed(ScanStatistics statistics)
{
    private readonly Lock gate = new();
    private readonly Queue<CandidateBatch> underWay = new();

    /// <summary>The place in the feed before which nothing is left to find; null: none yet.</summary>
    public ScanReach? Reached
    {
        get
        {
            lock (gate)
            {
                return underWay.TryPeek(out var oldest) ? oldest.Before : statistics.Reached;
            }
        }
    }

    /// <summary>A batch gets its first document, which the feed lists behind the place that it has reached.</summary>
    public void Begin(CandidateBatch batch)
    {
        lock (gate)
        {
            batch.Before = statistics.Reached;
            underWay.Enqueue(batch);
        }
    }

    /// <summary>All of a batch was given out.</summary>
    public void End(CandidateBatch batch)
    {
        lock (gate)
        {
            batch.Done = true;
            while (underWay.TryPeek(out var oldest) && oldest.Done)
            {
                underWay.Dequeue();
            }
        }
    }
}
