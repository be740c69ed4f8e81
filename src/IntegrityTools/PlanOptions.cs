using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>How a plan is to be made.</summary>
public sealed record PlanOptions
{
    /// <summary>Plan for the issues that this recorded scan found; null: scan now.</summary>
    public string? ScanId { get; init; }

    /// <summary>The strategy; null: the configuration's, by document type.</summary>
    public Strategy? Strategy { get; init; }

    /// <summary>Operations above it are left to a person.</summary>
    public Risk? MaximumRisk { get; init; }

    /// <summary>Issues above it are left to a person.</summary>
    public Severity? MaximumSeverity { get; init; }

    /// <summary>A person's decision for a single issue: keep this leaf.</summary>
    public string? KeepRevision { get; init; }

    /// <summary>A person's decision for a single issue: this body (a JSON object).</summary>
    public RawJson? Document { get; init; }

    /// <summary>
    /// A backup of the store, from which rows that are gone may come back: an id, a manifest, a folder (its newest), or of SQLite a database. Null: none.
    /// </summary>
    public string? Backup { get; init; }

    /// <summary>True when the issues are a scan's and not a list that somebody has put in order.</summary>
    internal bool OfScan { get; init; }

    /// <summary>Told how far planning is; a scan beforehand tells its own.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }

    /// <summary>Name and password; null: as configured.</summary>
    public StoreCredential? Credential { get; init; }
}
