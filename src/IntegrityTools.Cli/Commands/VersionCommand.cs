using System.Reflection;
using System.Runtime.InteropServices;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Configuration;
using IntegrityTools.Sqlite;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity version</c>: what this is, and where it looks for things.</summary>
internal static class VersionCommand
{
    public static Verb Create()
    {
        var output = Choices.Output("text", "json");
        var description = "Tells the version, what it runs on, and which configuration and ledger are used.";
        return new Verb("version", description, "version --output json") { output }
            .Does((session, result, _) =>
            {
                var configuration = ConfigurationLocator.Find(session.ConfigurationPath);
                (string Name, string? Value)[] facts =
                [
                    ("version", Assembly.GetExecutingAssembly().GetName().Version!.ToString(3)),
                    ("dotnet", Environment.Version.ToString()),
                    ("os", $"{RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})"),
                    ("sqlite", SqliteRuntime.Description),
                    ("ledger", (configuration is null ? new LedgerSettings() : session.Engine.Configuration.Ledger).Locate(session.LedgerPath)),
                    ("configuration", configuration),
                ];
                if (result.GetValue(output) == OutputFormat.Json)
                {
                    JsonOutput.Document(session.Terminal, writer =>
                    {
                        writer.WriteStartObject();
                        foreach (var (name, value) in facts)
                        {
                            writer.WriteString(name, value);
                        }

                        writer.WriteEndObject();
                    });
                }
                else
                {
                    foreach (var (name, value) in facts)
                    {
                        session.Terminal.Write($"{name,-15}{value ?? "none found: defaults are used"}");
                    }
                }

                return Task.FromResult(ExitCodes.Done);
            });
    }
}
