using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>Turns the engine's progress into PowerShell's, with the rate and the time left.</summary>
internal sealed class ProgressLine
{
    private const int ActivityId = 1;

    // Each drawing is a moment in which Ctrl+C costs half a second (CursorQuestion): it is drawn as seldom as still looks alive.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private string? activity;
    private TimeSpan began;
    private TimeSpan shown = -Interval;

    /// <summary>The record to show; null when the last one is too fresh.</summary>
    public ProgressRecord? Next(WorkProgress value)
    {
        lock (gate)
        {
            var now = watch.Elapsed;
            if (activity != value.Activity)
            {
                activity = value.Activity;
                began = now;
            }
            else if (now - shown < Interval)
            {
                return null;
            }

            shown = now;
            return Record(value, now - began);
        }
    }

    /// <summary>The record that takes the line away; null when none was shown.</summary>
    public ProgressRecord? End() => activity is null
        ? null
        : new ProgressRecord(ActivityId, activity, "Done") { RecordType = ProgressRecordType.Completed };

    private static ProgressRecord Record(WorkProgress value, TimeSpan elapsed)
    {
        var rate = elapsed.TotalSeconds > 0 ? value.Done / elapsed.TotalSeconds : 0;
        var of = value.Total is { } total ? $" of {Number(total)}" : string.Empty;
        var found = value.Found > 0 ? $", {Number(value.Found)} {value.FoundWord}" : string.Empty;
        var speed = rate >= 1 ? $", {Number((long)rate)}/s" : string.Empty;
        var status = $"{Number(value.Done)}{of} {value.Unit}{speed}{found}";
        var record = new ProgressRecord(ActivityId, value.Activity, status);
        if (value.Total is > 0 and var all)
        {
            record.PercentComplete = (int)Math.Clamp(value.Done * 100 / all, 0, 100);
            record.SecondsRemaining = rate > 0 ? (int)Math.Min(int.MaxValue, Math.Max(0, all - value.Done) / rate) : -1;
        }

        return record;
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
