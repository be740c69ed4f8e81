namespace IntegrityTools.Sqlite.Summaries;

/// <summary>What a check of summaries counts while it runs.</summary>
internal sealed class SummaryCounts
{
    /// <summary>The tables looked at.</summary>
    public List<string> Tables { get; } = [];

    /// <summary>Begins anew: a scan that read what moved reads it again.</summary>
    public void Clear()
    {
        Tables.Clear();
        (Rows, Aggregates, WithoutEvents, WithFewerEvents) = (0, 0, 0, 0);
    }

    /// <summary>Rows in them.</summary>
    public long Rows { get; set; }

    /// <summary>Aggregates that have events.</summary>
    public long Aggregates { get; set; }

    /// <summary>Rows whose events are all gone.</summary>
    public long WithoutEvents { get; set; }

    /// <summary>Rows whose oldest events are gone.</summary>
    public long WithFewerEvents { get; set; }
}
