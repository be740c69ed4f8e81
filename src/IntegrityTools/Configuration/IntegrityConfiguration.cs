namespace IntegrityTools.Configuration;

/// <summary>All that integrity.yaml says; what it does not say has the default.</summary>
public sealed record IntegrityConfiguration
{
    /// <summary>Whether checks run on their schedule.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>When scheduled scans run.</summary>
    public CronLine ScanSchedule { get; init; } = CronLine.Parse("0 2 * * *");

    /// <summary>Repairs that need no person.</summary>
    public AutoRepairSettings AutoRepair { get; init; } = new();

    /// <summary>How conflicts are decided.</summary>
    public ResolutionSettings Resolution { get; init; } = new();

    /// <summary>What validation checks.</summary>
    public ValidationSettings Validation { get; init; } = new();

    /// <summary>Health checks and metrics.</summary>
    public MonitoringSettings Monitoring { get; init; } = new();

    /// <summary>The audit's log file.</summary>
    public AuditSettings Audit { get; init; } = new();

    /// <summary>Bounds on the work done at one time.</summary>
    public PerformanceSettings Performance { get; init; } = new();

    /// <summary>What is looked for in SQLite databases.</summary>
    public SqliteSettings Sqlite { get; init; } = new();

    /// <summary>The ledger.</summary>
    public LedgerSettings Ledger { get; init; } = new();

    /// <summary>Files of applications, or folders of them, that a backup of the configuration saves, full paths.</summary>
    public IReadOnlyList<string> ConfigurationFiles { get; init; } = [];

    /// <summary>The stores, in the file's order.</summary>
    public IReadOnlyList<StoreSettings> Stores { get; init; } = [];

    /// <summary>The name of the store that is meant when none is named; null: the one marked as default, or the only one.</summary>
    public string? DefaultStore { get; init; }

    /// <summary>The file that was read; null when none was found and all is default.</summary>
    public string? Path { get; init; }

    /// <summary>What is right but unwise, such as a password file that everybody can read; for standard error.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
