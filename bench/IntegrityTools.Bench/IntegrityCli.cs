using System.Runtime.InteropServices;

namespace IntegrityTools.Bench;

/// <summary>The Release build of the command line, and a scratch folder with its configuration.</summary>
internal sealed class IntegrityCli
{
    private const string PasswordVariable = "INTEGRITY_BENCH_PASSWORD";
    private readonly string program;
    private readonly string scratch;
    private readonly CouchServer server;
    private readonly string settings;
    private int ledgers;

    private IntegrityCli(string program, string scratch, CouchServer server, string settings) =>
        (this.program, this.scratch, this.server, this.settings) = (program, scratch, server, settings);

    /// <summary>Publishes the command line as Release for this machine: with its runtime, compiled ahead as one.</summary>
    /// <param name="server">The server that its configuration names.</param>
    /// <param name="scratch">Where its configuration and its ledgers are.</param>
    /// <param name="settings">What else its configuration says, as YAML.</param>
    public static IntegrityCli Publish(CouchServer server, string scratch, string settings = "")
    {
        var folder = Path.Combine(Tools.Root, "out", "bench", "cli");
        ProcessMeter.Run(new Command(
            "dotnet", ["publish", Path.Combine(Tools.Root, "src", "IntegrityTools.Cli"), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-p:Standalone=true",
                "-o", folder, "--nologo", "-v", "quiet"]));
        var name = OperatingSystem.IsWindows() ? "integrity.exe" : "integrity";
        return new IntegrityCli(Path.Combine(folder, name), scratch, server, settings);
    }

    /// <summary>A ledger of its own for each run: what earlier runs wrote must not count.</summary>
    public string NewLedger()
    {
        var folder = Path.Combine(scratch, $"ledger-{++ledgers}");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, "ledger.db");
    }

    /// <summary>A command against a database of the server.</summary>
    public Command On(string database, string ledger, string? output, params string[] arguments)
    {
        var config = Path.Combine(scratch, "integrity.yaml");
        File.WriteAllText(config, $"""
            stores:
              bench:
                address: "{server.Store(database)}"
                user: "{server.User}"
                password_environment: {PasswordVariable}

            """ + settings);
        var environment = new Dictionary<string, string> { [PasswordVariable] = server.Password, ["NO_COLOR"] = "1" };
        return new Command(program, [.. arguments, "--config", config, "--ledger", ledger], output, environment);
    }

    /// <summary>A command that needs no store.</summary>
    public Command Plain(params string[] arguments) => new(program, arguments);
}
