namespace IntegrityTools;

/// <summary>Where the engine finds its configuration and its ledger.</summary>
public sealed record EngineOptions
{
    /// <summary>The configuration file; null: INTEGRITY_CONFIG, the working folder, the user's configuration folder, in this order.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>The ledger file; null: INTEGRITY_LEDGER, the configuration, the user's data folder, in this order.</summary>
    public string? LedgerPath { get; init; }
}
