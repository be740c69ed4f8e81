using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>The <c>resolution:</c> part of integrity.yaml.</summary>
public sealed record ResolutionSettings
{
    /// <summary>The strategy for document types that <see cref="ConflictStrategies"/> does not name.</summary>
    public Strategy DefaultStrategy { get; init; } = Strategy.Auto;

    /// <summary>Strategies by document type.</summary>
    public IReadOnlyDictionary<string, Strategy> ConflictStrategies { get; init; } = new Dictionary<string, Strategy>();

    /// <summary>Fields that hold a document's type; the first that is a string counts.</summary>
    public IReadOnlyList<string> TypeFields { get; init; } = ["@type", "type"];

    /// <summary>Fields that hold the time of the last edit, the best first: the first one that is there counts.</summary>
    public IReadOnlyList<string> TimestampFields { get; init; } =
        ["dateModified", "updatedAt", "updated_at", "modified", "timestamp", "dateCreated"];

    /// <summary>Fields that hold when a document was made, the best first.</summary>
    public IReadOnlyList<string> AgeFields { get; init; } = ["dateCreated", "createdAt", "created_at", "created"];

    /// <summary>Fields that every replica sets at each edit: they take the latest value and never block a merge.</summary>
    public IReadOnlyList<string> StampFields { get; init; } =
    [
        "dateModified", "updatedAt", "updated_at", "modified", "timestamp", "modifiedBy", "updatedBy",
        "deviceId", "device_id", "lastModifiedBy", "last_modified_by",
    ];

    /// <summary>Fields that hold the application's own version number: sides that differ there are a version_mismatch.</summary>
    public IReadOnlyList<string> VersionFields { get; init; } = ["version"];

    /// <summary>Fields that hold the application's own checksum: sides that differ there are a checksum_mismatch.</summary>
    public IReadOnlyList<string> ChecksumFields { get; init; } = ["checksum"];

    /// <summary>Merge rules; the first whose document type and path match a field decides it.</summary>
    public IReadOnlyList<MergeRule> Rules { get; init; } = [];

    /// <summary>Fields whose conflicts raise an issue to critical.</summary>
    public IReadOnlyList<string> CriticalFields { get; init; } = [];

    /// <summary>Fields whose conflicts raise an issue to at least high.</summary>
    public IReadOnlyList<string> HighFields { get; init; } = [];

    /// <summary>Fields whose conflicts raise an issue to at least medium.</summary>
    public IReadOnlyList<string> MediumFields { get; init; } = [];

    /// <summary>Issues above it are left to a person; null: no bound.</summary>
    public Severity? MaxSeverity { get; init; }

    /// <summary>Operations above it are left to a person; null: no bound.</summary>
    public Risk? MaxRisk { get; init; }
}
