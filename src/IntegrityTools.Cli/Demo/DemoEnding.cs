using IntegrityTools.Cli.Output;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Demo;

/// <summary>Where the demo's files are, and commands to go on with.</summary>
internal static class DemoEnding
{
    public static void Write(Terminal terminal, DemoFolder folder, RepairExecution execution)
    {
        terminal.Write();
        terminal.Write(terminal.Paint("Go on yourself", Tone.Strong));
        if (!OnPath() && Environment.ProcessPath is { } program)
        {
            var command = Path.GetFileNameWithoutExtension(program) == "dotnet"
                ? $"{CommandWords.Argument(program)} {CommandWords.Argument(Path.GetFullPath(Environment.GetCommandLineArgs()[0]))}"
                : CommandWords.Argument(program);
            terminal.Write($"  alias integrity={CommandWords.Argument(command)}");
        }

        terminal.Write($"  cd {CommandWords.Argument(folder.Path)}");
        terminal.Write("  integrity scan --min-severity high");
        terminal.Write("  integrity scan --output jsonl | head -1");
        terminal.Write($"  integrity plans show {execution.PlanId} | less");
        terminal.Write($"  integrity reports show {execution.Id}");
        terminal.Write("  integrity scan repaired");
        terminal.Write("  integrity audit show --limit 5");
        terminal.Write($"  rm -r {CommandWords.Argument(folder.Path)}");
    }

    private static bool OnPath() => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "integrity.exe" : "integrity")));
}
