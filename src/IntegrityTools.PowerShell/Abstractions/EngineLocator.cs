using System.Management.Automation;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>Opens the engine as a session means it: "the current folder" is PowerShell's location, which the process does not know of.</summary>
internal static class EngineLocator
{
    private static readonly string[] ConfigurationNames = ["integrity.yaml", "integrity.yml"];

    /// <summary>Opens the engine.</summary>
    public static IntegrityEngine Open(string? config, string? ledger, PathIntrinsics path) => IntegrityEngine.Open(new EngineOptions
    {
        ConfigurationPath = config is null ? InCurrentFolder(path) : FileLocation.Full(config, path),
        LedgerPath = ledger is null ? null : FileLocation.Full(ledger, path),
    });

    private static string? InCurrentFolder(PathIntrinsics path) =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("INTEGRITY_CONFIG"))
            ? ConfigurationNames
                .Select(name => Path.Combine(path.CurrentFileSystemLocation.ProviderPath, name))
                .FirstOrDefault(File.Exists)
            : null;
}
