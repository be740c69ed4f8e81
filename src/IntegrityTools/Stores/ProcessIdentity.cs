using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;

namespace IntegrityTools.Stores;

/// <summary>One process of one machine, named so that another process can tell whether it is gone.</summary>
/// <param name="Host">The machine; on Linux with its boot and its namespace of processes, since containers share names and numbers.</param>
/// <param name="Id">The process's number there.</param>
/// <param name="Start">When it began, so that a later process with its number is another: on Linux in clock ticks since the boot, elsewhere in ticks of UTC.</param>
public sealed record ProcessIdentity(string Host, int Id, string Start)
{
    private const string Processes = "/proc";

    /// <summary>This process.</summary>
    public static ProcessIdentity Current { get; } = new(
        CurrentHost(), Environment.ProcessId, StartOf(Environment.ProcessId, out _) ?? "unknown");

    /// <summary>
    /// True when it is one of this machine since it was started, which tells whether it runs. Where the system hides its boot or its namespace, two
    /// machines of one name look alike, and nothing is proved.
    /// </summary>
    [JsonIgnore]
    public bool IsOfThisMachine => Host == Current.Host && !Host.EndsWith('/') && !Host.Contains("//", StringComparison.Ordinal);

    /// <summary>True when the process provably runs no more: it was one of this machine, and its number is free or another's by now.</summary>
    public bool IsGone()
    {
        if (!IsOfThisMachine)
        {
            return false;
        }

        var start = StartOf(Id, out var known);
        return known && start != Start;
    }

    private static string CurrentHost() => OperatingSystem.IsLinux()
        ? string.Join('/', Environment.MachineName, Told(() => File.ReadAllText(Processes + "/sys/kernel/random/boot_id").Trim()), Told(() => File.ResolveLinkTarget(Processes + "/self/ns/pid", returnFinalTarget: false)?.Name))
        : Environment.MachineName;

    private static string Told(Func<string?> question)
    {
        try
        {
            return question() ?? string.Empty;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return string.Empty; // A sandbox that hides it. Names then tell machines apart as well as they can.
        }
    }

    /// <summary>When a running process began; null when there is none of that number.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="known">False when the system does not tell.</param>
    private static string? StartOf(int id, out bool known)
    {
        try
        {
            known = true;
            if (OperatingSystem.IsLinux())
            {
                // Where other users' processes are hidden, the first process is, too.
                known = id == Environment.ProcessId || File.Exists($"{Processes}/1/stat");
                return LinuxStart($"{Processes}/{id}/stat");
            }

            using var process = Process.GetProcessById(id);
            return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FileNotFoundException or DirectoryNotFoundException)
        {
            known = !OperatingSystem.IsLinux() || File.Exists($"{Processes}/1/stat");
            return null;
        }
        catch (Exception exception) when (exception is Win32Exception or UnauthorizedAccessException or IOException)
        {
            known = false;
            return null;
        }
    }

    /// <summary>The time from the kernel's own line, which no change of the clock moves; null for a process that is dead and not yet buried.</summary>
    private static string? LinuxStart(string path)
    {
        const int state = 0;
        const int start = 19;

        // The name of the program stands in parentheses and may hold anything, spaces and parentheses included.
        var line = File.ReadAllText(path);
        var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
        return fields[state] is "Z" or "X" ? null : fields[start];
    }
}
