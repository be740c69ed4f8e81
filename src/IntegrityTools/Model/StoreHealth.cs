using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>How well a store is: what it says itself now, and what scans and repairs have recorded. What is not known is null and costs no points.</summary>
public sealed record StoreHealth
{
    /// <summary>The store's address.</summary>
    public required string Store { get; init; }

    /// <summary>When it was measured, UTC.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>The worst of the checks.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>
    /// From 0 to 100: 100, less 5 a duplicate, 3 a conflict, 1 for each 10 orphaned revisions, 10 an invalid document, and 20 when more than 90 % (10: 80 %)
    /// of the volume is used. Null: nothing could be read of the store.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required int? HealthScore { get; init; }

    /// <summary>Documents that are not deleted.</summary>
    public long? TotalDocuments { get; init; }

    /// <summary>Known duplicates that are neither resolved nor ignored.</summary>
    public long? DuplicateCount { get; init; }

    /// <summary>Known conflicts, likewise.</summary>
    public long? ConflictCount { get; init; }

    /// <summary>Old revisions that the last storage check has seen in its sample.</summary>
    public long? OrphanedCount { get; init; }

    /// <summary>Documents or rows with known faults of validation, likewise.</summary>
    public long? InvalidCount { get; init; }

    /// <summary>Bytes of live data.</summary>
    public long? DatabaseSize { get; init; }

    /// <summary>Bytes on disk.</summary>
    public long? FileSize { get; init; }

    /// <summary>How much of the volume is used, from 0 to 1; null where it cannot be seen from here.</summary>
    public double? DiskUsage { get; init; }

    /// <summary>How often a document was written, on the average.</summary>
    public double? AverageRevisions { get; init; }

    /// <summary>Bytes of the largest document's body.</summary>
    public long? LargestDocument { get; init; }

    /// <summary>Whether a compaction would give back half of the files or more.</summary>
    public bool? RecommendCompaction { get; init; }

    /// <summary>When the newest backup that verified was made, UTC; null: none is known.</summary>
    public DateTimeOffset? LastGoodBackup { get; init; }

    /// <summary>Of a SQLite database.</summary>
    public SqliteFigures? Sqlite { get; init; }

    /// <summary>Which scan the figures come from that only a whole scan knows, by the figure's name in JSON.</summary>
    public IReadOnlyDictionary<string, HealthSource> Sources { get; init; } = new Dictionary<string, HealthSource>();

    /// <summary>How well each part is.</summary>
    public IReadOnlyList<HealthCheck> Checks { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What would do the store good.</summary>
    public IReadOnlyList<HealthRecommendation> Recommendations { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How it has changed; null at the first check.</summary>
    public HealthTrend? Trend { get; init; }
}
