using System.Diagnostics;
using System.Globalization;

namespace IntegrityTools.Bench;

/// <summary>A PowerShell that has imported the module and stays: what a cmdlet takes where the runtime has started already.</summary>
internal sealed class ModuleSession : IDisposable
{
    private readonly Process process;

    private ModuleSession(Process process, string command) => (this.process, Command) = (process, command);

    /// <summary>The built module, or null.</summary>
    public static string? Module => Path.Combine(Tools.Root, "out", "module", "IntegrityTools", "IntegrityTools.psd1") is var path && File.Exists(path) ? path : null;

    /// <summary>The command that is measured, as typed.</summary>
    public string Command { get; }

    /// <summary>Opens a session in which a command can be run again and again.</summary>
    /// <param name="pwsh">PowerShell.</param>
    /// <param name="module">The module's manifest.</param>
    /// <param name="command">The command; what it returns is counted and thrown away.</param>
    /// <param name="environment">What it needs besides.</param>
    public static ModuleSession Open(string pwsh, string module, string command, IReadOnlyDictionary<string, string> environment)
    {
        var script = $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{{module}}'
            while ([Console]::ReadLine()) {
                $watch = [Diagnostics.Stopwatch]::StartNew()
                $null = @({{command}})
                [Console]::WriteLine($watch.Elapsed.TotalSeconds.ToString('R', [cultureinfo]::InvariantCulture))
            }
            """;
        var start = new ProcessStartInfo(pwsh, ["-NoProfile", "-NonInteractive", "-Command", script]) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = Tools.Root };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ModuleSession(Process.Start(start)!, command);
    }

    /// <summary>Runs the command once.</summary>
    /// <exception cref="InvalidOperationException">The session ended instead.</exception>
    public async Task<Measurement> RunAsync()
    {
        process.Refresh();
        var before = process.TotalProcessorTime;
        await process.StandardInput.WriteLineAsync("run").ConfigureAwait(false);
        await process.StandardInput.FlushAsync().ConfigureAwait(false);
        var answer = await process.StandardOutput.ReadLineAsync().ConfigureAwait(false) ?? throw new InvalidOperationException($"'{Command}' ended the session.");
        process.Refresh();
        return new Measurement(double.Parse(answer, CultureInfo.InvariantCulture), (process.TotalProcessorTime - before).TotalSeconds, process.PeakWorkingSet64 / 1e6);
    }

    /// <summary>Ends the session.</summary>
    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
