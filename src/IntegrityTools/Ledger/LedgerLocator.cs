using IntegrityTools.Configuration;

namespace IntegrityTools.Ledger;

/// <summary>Finds the ledger: the given path, INTEGRITY_LEDGER, the configuration, then the user's data folder.</summary>
public static class LedgerLocator
{
    /// <summary>Where the ledger is, or will be made.</summary>
    public static string Locate(string? path, IntegrityConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var chosen = FirstSet(path, Environment.GetEnvironmentVariable("INTEGRITY_LEDGER"), configuration.Ledger.Path)
            ?? Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "integritytools",
                "ledger.db");
        return Path.GetFullPath(chosen);
    }

    /// <summary>Opens it, and makes it when it is not there.</summary>
    public static async Task<ILedger> OpenAsync(string? path, IntegrityConfiguration configuration, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return await SqliteLedger.OpenAsync(
            new LedgerOptions
            {
                Path = Locate(path, configuration),
                Key = configuration.Ledger.ReadKey(),
                AuditLogFolder = configuration.Audit.Enabled ? configuration.Audit.LogPath : null,
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static string? FirstSet(params string?[] candidates) => candidates.FirstOrDefault(candidate => !string.IsNullOrWhiteSpace(candidate));
}
