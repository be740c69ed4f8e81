using System.Diagnostics;
using System.Globalization;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Live progress with rate and time left: one changing line in a window, a plain line every few seconds on a pipe.</summary>
internal sealed class ProgressLine(Terminal terminal) : IProgress<WorkProgress>
{
    private static readonly TimeSpan InWindow = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan OnPipe = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private string? activity;
    private long startedAt;
    private long saidAt;
    private bool shown;

    public void Report(WorkProgress value)
    {
        lock (gate)
        {
            if (activity != value.Activity)
            {
                (activity, startedAt, saidAt) = (value.Activity, Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp());
                return;
            }

            if (Stopwatch.GetElapsedTime(saidAt) < (Terminal.ErrorIsWindow ? InWindow : OnPipe))
            {
                return;
            }

            saidAt = Stopwatch.GetTimestamp();
        }

        var line = Describe(value, Stopwatch.GetElapsedTime(startedAt));
        if (Terminal.ErrorIsWindow)
        {
            terminal.Redraw(line);
            shown = true;
        }
        else
        {
            terminal.Complain(line);
        }
    }

    /// <summary>Makes way for other text.</summary>
    public void Clear()
    {
        if (shown)
        {
            shown = false;
            Terminal.Erase();
        }
    }

    /// <summary>The line, such as <c>Scanning 12,000 of 100,000 documents · 40,000/s · 2 s left · 12 found</c>.</summary>
    internal static string Describe(WorkProgress value, TimeSpan elapsed)
    {
        if (value.Done == 0)
        {
            return value.Activity + " …";
        }

        var rate = elapsed > TimeSpan.Zero ? value.Done / elapsed.TotalSeconds : 0;
        var line = string.Create(CultureInfo.InvariantCulture, $"{value.Activity} {value.Done:N0}");
        line += value.Total is { } all ? string.Create(CultureInfo.InvariantCulture, $" of {all:N0} {value.Unit}") : $" {value.Unit}";
        line += string.Create(CultureInfo.InvariantCulture, $" · {rate:N0}/s");
        if (value.Total is { } total && rate > 0 && value.Done < total)
        {
            line += $" · {Durations.Of(TimeSpan.FromSeconds((total - value.Done) / rate))} left";
        }

        return value.Found > 0 ? line + string.Create(CultureInfo.InvariantCulture, $" · {value.Found:N0} {value.FoundWord}") : line;
    }
}
