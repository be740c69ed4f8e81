using System.Diagnostics;
using System.Globalization;

namespace IntegrityTools.Bench;

/// <summary>Runs a command as a whole process and measures it from outside: with /usr/bin/time where it is, else by looking.</summary>
internal static class ProcessMeter
{
    private const string Time = "/usr/bin/time";

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message ends with what it wrote to standard error.</exception>
    public static Measurement Run(Command command)
    {
        var figures = Path.GetTempFileName();
        try
        {
            var timed = File.Exists(Time);
            var start = new ProcessStartInfo(timed ? Time : command.Program)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
                WorkingDirectory = Tools.Root,
            };
            string[] prefix = timed ? ["-o", figures, "-f", "%U %S %M", command.Program] : [];
            foreach (var argument in prefix.Concat(command.Arguments))
            {
                start.ArgumentList.Add(argument);
            }

            foreach (var (name, value) in command.Environment ?? new Dictionary<string, string>())
            {
                start.Environment[name] = value;
            }

            var watch = Stopwatch.StartNew();
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            using var output = command.Output is null ? Stream.Null : File.Create(command.Output);
            var copying = process.StandardOutput.BaseStream.CopyToAsync(output);
            var seen = timed ? null : Watch(process);
            process.WaitForExit();
            copying.GetAwaiter().GetResult();
            var wall = watch.Elapsed.TotalSeconds;
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"'{command}' ended with {process.ExitCode}: {errors.GetAwaiter().GetResult()}");
            }

            return seen is { } last ? last with { Wall = wall } : Parse(File.ReadAllText(figures), wall);
        }
        finally
        {
            File.Delete(figures);
        }
    }

    private static Measurement Parse(string text, double wall)
    {
        var parts = text.Trim().Split('\n')[^1].Split(' ');
        double Number(int part) => double.Parse(parts[part], CultureInfo.InvariantCulture);
        return new Measurement(wall, Number(0) + Number(1), Number(2) * 1024 / 1e6);
    }

    private static Measurement Watch(Process process)
    {
        var last = new Measurement(0, 0, 0);
        while (!process.WaitForExit(10))
        {
            try
            {
                process.Refresh();
                last = new Measurement(0, process.TotalProcessorTime.TotalSeconds, Math.Max(last.PeakMegabytes, process.PeakWorkingSet64 / 1e6));
            }
            catch (InvalidOperationException)
            {
                // It ended between the two looks; the last figures stand.
                break;
            }
        }

        return last;
    }
}
