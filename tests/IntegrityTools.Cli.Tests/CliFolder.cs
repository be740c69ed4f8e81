using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using IntegrityTools.Cli.Demo;

namespace IntegrityTools.Cli.Tests;

/// <summary>A scratch folder with a dump, a configuration and a ledger of its own, in which the built program runs as a process.</summary>
public sealed partial class CliFolder : IDisposable
{
    private const int Interrupt = 2;
    private const int KillNow = 9;
    private const int Continue = 18;
    private const int Stop = 19;
    private static readonly string[] Interruptible = ["env", "--default-signal=INT"];
    // What runs the program; a published one takes its place where INTEGRITY_PROGRAM names it.
    private static readonly string[] Program = Environment.GetEnvironmentVariable("INTEGRITY_PROGRAM") is { Length: > 0 } published
        ? [published]
        : ["dotnet", System.IO.Path.Combine(AppContext.BaseDirectory, "integrity.dll")];

    public CliFolder(int documents = 200)
    {
        Path = Directory.CreateTempSubdirectory("integrity-cli-").FullName;
        File.WriteAllText(At("integrity.yaml"), DemoConfiguration.Text);
        DemoDump.Write(At("demo.jsonl"), DemoDatabase.Documents(documents));
    }

    public string Path { get; }

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Sha256(string name) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(At(name))));

    public Task<CliResult> RunAsync(params string[] arguments) => RunAsync([], arguments);

    public async Task<CliResult> RunAsync(Dictionary<string, string> environment, string[] arguments)
    {
        using var process = Start(environment, arguments);
        return await FinishAsync(process).ConfigureAwait(false);
    }

    /// <summary>Runs the program by another one that takes it as its last arguments, such as one that lowers its rights first.</summary>
    public async Task<CliResult> RunThroughAsync(string[] through, Dictionary<string, string> environment, string[] arguments)
    {
        using var process = Start(environment, arguments, through);
        return await FinishAsync(process).ConfigureAwait(false);
    }

    /// <summary>Starts the program, sends it SIGINT when the condition holds, and tells how long it then took.</summary>
    public Task<(CliResult Result, TimeSpan Took)> InterruptAsync(Func<bool> when, params string[] arguments) => InterruptAsync(when, [], arguments);

    public Task<(CliResult Result, TimeSpan Took)> InterruptAsync(Func<bool> when, Dictionary<string, string> environment, string[] arguments) =>
        SignalAsync(Interrupt, when, environment, arguments, IgnoresInterrupt ? Interruptible : []);

    /// <summary>Skips a test that sends SIGINT where that cannot be.</summary>
    public static void RequireInterrupt()
    {
        Skip.If(OperatingSystem.IsWindows(), "SIGINT: a console of Windows has no such signal to send.");
        Skip.If(IgnoresInterrupt && !CanRestoreInterrupt(), "env --default-signal: SIGINT is ignored here, and nothing gives it back to the program.");
    }

    /// <summary>Starts the program and kills it, as kill -9 does, when the condition holds.</summary>
    public async Task KillWhenAsync(Func<bool> when, Dictionary<string, string> environment, params string[] arguments)
    {
        var (result, _) = await SignalAsync(KillNow, when, environment, arguments).ConfigureAwait(false);
        result.Expect(128 + KillNow);
    }

    /// <summary>Starts the program and kills it, as kill -9 does, when the condition holds; null when it was killed, else what it came to.</summary>
    public async Task<CliResult?> KillAsync(Func<bool> when, Dictionary<string, string> environment, params string[] arguments)
    {
        var (result, _) = await SignalAsync(KillNow, when, environment, arguments).ConfigureAwait(false);
        return result.Code == 128 + KillNow ? null : result;
    }

    /// <summary>Starts the program and kills it, as kill -9 does, after some time; null when it was done before.</summary>
    public async Task<CliResult?> KillAsync(TimeSpan after, Dictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        var result = FinishAsync(process);
        await Task.WhenAny(result, Task.Delay(after)).ConfigureAwait(false);
        var done = result.IsCompleted;
        if (!done)
        {
            _ = Kill(process.Id, KillNow);
        }

        var left = await result.ConfigureAwait(false);
        return done ? left : null;
    }

    /// <summary>Starts the program, stops it after some time, lets the test do something, and wakes it again.</summary>
    public Task<CliResult> SleepThroughAsync(TimeSpan after, Func<Task> meanwhile, Dictionary<string, string> environment, params string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        return SleepThroughAsync(() => watch.Elapsed >= after, meanwhile, environment, arguments);
    }

    /// <summary>Starts the program, stops it when the condition holds, lets the test do something, and wakes it again.</summary>
    public async Task<CliResult> SleepThroughAsync(Func<bool> when, Func<Task> meanwhile, Dictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        var result = FinishAsync(process);
        while (!when() && !result.IsCompleted)
        {
            await Task.Delay(5).ConfigureAwait(false);
        }

        _ = Kill(process.Id, Stop);
        try
        {
            await meanwhile().ConfigureAwait(false);
        }
        finally
        {
            _ = Kill(process.Id, Continue);
        }

        return await result.ConfigureAwait(false);
    }

    /// <summary>Runs the program and tells the most memory that it ever had (VmHWM), in bytes. Linux only.</summary>
    public async Task<(CliResult Result, long Peak)> MeasureAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        var result = FinishAsync(process);
        var peak = 0L;
        for (var status = $"/proc/{process.Id}/status"; !result.IsCompleted; await Task.WhenAny(result, Task.Delay(20)).ConfigureAwait(false))
        {
            try
            {
                var line = File.ReadLines(status).FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
                peak = line is null ? peak : long.Parse(line["VmHWM:".Length..^"kB".Length].Trim(), System.Globalization.CultureInfo.InvariantCulture) * 1024;
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return (await result.ConfigureAwait(false), peak);
    }

    /// <summary>The execution that a killed run left; null when there is none.</summary>
    public async Task<string?> UnfinishedAsync() => (await ExecutionsAsync().ConfigureAwait(false)).Find(execution => execution.Status is "running" or "stopped").Id;

    /// <summary>Ends or takes back what a killed run left. Of one that was killed before its first write there is nothing to take back: it is resumed, then undone.</summary>
    public async Task<CliResult> GoOnAsync(Dictionary<string, string> environment, string[] arguments)
    {
        var result = await RunAsync(environment, arguments).ConfigureAwait(false);
        if (arguments[0] == "undo" && result.Code == 4 && result.Error.Contains("nothing to take back", StringComparison.Ordinal))
        {
            (await RunAsync(environment, ["repair", "--resume", arguments[1], "--confirm"]).ConfigureAwait(false)).Expect(0);
            result = await RunAsync(environment, arguments).ConfigureAwait(false);
        }

        return result.Expect(0);
    }

    /// <summary>The last execution.</summary>
    public async Task<string> LastExecutionAsync(Dictionary<string, string>? environment = null) => (await ExecutionsAsync(environment).ConfigureAwait(false))[0].Id;

    /// <summary>True when an execution of the plan has come to its end.</summary>
    public async Task<bool> IsDoneAsync(string plan) =>
        (await ExecutionsAsync().ConfigureAwait(false)).Exists(execution => execution.Plan == plan && execution.Status == "completed");

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static async Task<CliResult> FinishAsync(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().ConfigureAwait(false);
        return new CliResult(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
    }

    private async Task<List<(string Id, string Plan, string Status)>> ExecutionsAsync(Dictionary<string, string>? environment = null)
    {
        var reports = (await RunAsync(environment ?? [], ["reports", "list", "--all-stores", "--output", "json"]).ConfigureAwait(false)).Expect(0).Json;
        return [.. reports.GetProperty("executions").EnumerateArray()
            .Select(execution => (execution.GetProperty("id").GetString()!, execution.GetProperty("plan_id").GetString()!, execution.GetProperty("status").GetString()!))];
    }

    /// <summary>True where SIGINT is ignored, as in the background of a script, and by all that is started there.</summary>
    private static bool IgnoresInterrupt { get; } = OperatingSystem.IsLinux() && File.ReadLines("/proc/self/status")
        .Where(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))
        .Any(line => (Convert.ToUInt64(line["SigIgn:".Length..].Trim(), 16) & (1 << (Interrupt - 1))) != 0);

    private static bool CanRestoreInterrupt()
    {
        using var tried = Process.Start(new ProcessStartInfo(Interruptible[0], [Interruptible[1], "true"]) { RedirectStandardError = true })!;
        tried.WaitForExit();
        return tried.ExitCode == 0;
    }

    private async Task<(CliResult Result, TimeSpan Took)> SignalAsync(
        int signal, Func<bool> when, Dictionary<string, string> environment, string[] arguments, params string[] through)
    {
        using var process = Start(environment, arguments, through);
        var result = FinishAsync(process);
        while (!when() && !process.HasExited)
        {
            await Task.Delay(5).ConfigureAwait(false);
        }

        var watch = Stopwatch.StartNew();
        _ = Kill(process.Id, signal);
        return (await result.ConfigureAwait(false), watch.Elapsed);
    }

    private Process Start(Dictionary<string, string> environment, string[] arguments, params string[] through)
    {
        string[] command = [.. through, .. Program, .. arguments];
        var start = new ProcessStartInfo(command[0]) { WorkingDirectory = Path, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in new[] { "INTEGRITY_CONFIG", "INTEGRITY_LEDGER", "INTEGRITY_USER", "INTEGRITY_PASSWORD" })
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
