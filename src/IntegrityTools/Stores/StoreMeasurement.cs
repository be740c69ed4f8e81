using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>What a store tells of itself now, without a scan. What it does not tell is null.</summary>
public sealed record StoreMeasurement
{
    /// <summary>False when nothing could be read of the store, so that no score can be told.</summary>
    public bool IsReadable { get; init; } = true;

    /// <summary>Documents that are not deleted.</summary>
    public long? TotalDocuments { get; init; }

    /// <summary>Bytes of live data.</summary>
    public long? DatabaseSize { get; init; }

    /// <summary>Bytes on disk.</summary>
    public long? FileSize { get; init; }

    /// <summary>How much of its volume is used, from 0 to 1.</summary>
    public double? DiskUsage { get; init; }

    /// <summary>Whether a compaction is worth it.</summary>
    public bool? RecommendCompaction { get; init; }

    /// <summary>Of a SQLite database.</summary>
    public SqliteFigures? Sqlite { get; init; }

    /// <summary>The checks that only the store can make.</summary>
    public IReadOnlyList<HealthCheck> Checks { get; init; } = [];

    /// <summary>What would do it good; <c>{0}</c> in a command stands for the store's name.</summary>
    public IReadOnlyList<HealthRecommendation> Recommendations { get; init; } = [];
}
