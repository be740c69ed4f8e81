using System.CommandLine;

namespace IntegrityTools.Cli.Hosting;

/// <summary>The options that every verb takes.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string?> Config = new("--config")
    {
        Description = "Configuration file; else INTEGRITY_CONFIG, ./integrity.yaml, the user's folder",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<string?> Ledger = new("--ledger")
    {
        Description = "Ledger file; else INTEGRITY_LEDGER, the configuration, the user's folder",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "No progress, summaries or hints", Recursive = true };

    public static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "More detail, and the causes of failures",
        Recursive = true,
    };

    public static readonly Option<bool> NoColor = new("--no-color") { Description = "No colours (NO_COLOR does the same)", Recursive = true };

    public static IEnumerable<Option> All => [Config, Ledger, Quiet, Verbose, NoColor];
}
