using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>What a scan is asked for.</summary>
public sealed record ScanOptions
{
    /// <summary>A configured name or an address; null: the default store.</summary>
    public string? Store { get; init; }

    /// <summary>Name and password; null: as configured.</summary>
    public StoreCredential? Credential { get; init; }

    /// <summary>Issue types or groups; empty: all that is known and configured. Every document's body is read for it only when
    /// <see cref="Configuration.ValidationSettings.AsksForBodies"/>.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Issues below it are not reported.</summary>
    public Severity MinimumSeverity { get; init; } = Severity.Info;

    /// <summary>Only documents of these types; wildcards <c>*</c> and <c>?</c>.</summary>
    public IReadOnlyList<string> DocumentTypes { get; init; } = [];

    /// <summary>Only these subjects.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>
    /// True: only what was changed since the last scan that ended and looked for at least as much. Without one, or when the store cannot tell
    /// what was changed, everything is looked at, and <see cref="ScanReport.Remarks"/> says why.
    /// </summary>
    public bool Incremental { get; init; }

    /// <summary>Only this partition of a partitioned database; null: all.</summary>
    public string? Partition { get; init; }

    /// <summary>
    /// The name of a scan that several processes share, on one machine or on many: each does parts of it that no other does, and stays until all are
    /// done. Null: it is scanned alone.
    /// </summary>
    public string? Shared { get; init; }

    /// <summary>The id of a scan that was cut: it goes on, with the store and all that it was asked for; the other options but the credential and the limits do not count.</summary>
    public string? Resume { get; init; }

    /// <summary>Bounds on the work; null: as configured.</summary>
    public ScanLimits? Limits { get; init; }

    /// <summary>Told the report when the scan begins and again when it has ended.</summary>
    public Action<ScanReport>? ReportChanged { get; init; }

    /// <summary>True when the issues are planned next by the same engine: what is read of them is then held, within bounds, and not read again.</summary>
    internal bool ForPlan { get; init; }

    /// <summary>How often it is recorded how far the scan is: what is lost at most when it is killed.</summary>
    internal TimeSpan SettlingInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Told how far the scan is.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }
}
