using IntegrityTools.Configuration;
using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>How conflicts are to be decided in one plan.</summary>
public sealed record RepairPolicy
{
    /// <summary>The strategy asked for on the command; null: the configuration's, by document type.</summary>
    public Strategy? Strategy { get; init; }

    /// <summary>Operations above it are left to a person; null: no bound.</summary>
    public Risk? MaximumRisk { get; init; }

    /// <summary>Issues above it are left to a person; null: the configuration's bound.</summary>
    public Severity? MaximumSeverity { get; init; }

    /// <summary>A person's decision: keep this leaf. For a single issue.</summary>
    public string? KeepRevision { get; init; }

    /// <summary>A person's decision: this body (a JSON object). For a single issue.</summary>
    public RawJson? Document { get; init; }

    /// <summary>A backup of the store, from which rows that are gone may come back: of SQLite the path of a database. Null: none.</summary>
    public string? Backup { get; init; }

    /// <summary>Rules, timestamp fields and strategies by document type.</summary>
    public ResolutionSettings Resolution { get; init; } = new();
}
