using System.Globalization;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Shows what scans and repairs came to.</summary>
internal static class SummaryOutput
{
    public static void Write(Terminal terminal, ReportSummary summary, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, writer => JsonSerializer.Serialize(writer, summary, ModelJson.Default.ReportSummary));
            return;
        }

        ReportOutput.Fields(
            terminal,
            ("store", summary.Store ?? "all"),
            ("since", summary.Since is { } since ? Durations.Of(since) : null),
            ("scans", ReportOutput.Counts(summary.Scans)),
            ("issues", ReportOutput.Counts(summary.Issues)),
            ("operations", ReportOutput.Counts(summary.Operations)),
            ("automatic", Share(summary.AutoResolveRate, "of the issues that were planned for need no person")),
            ("failures", Share(summary.FailureRate, "of the operations that were tried")),
            ("detection", Spread(summary.DetectionMs, "scans")),
            ("operation", Spread(summary.OperationMs, "operations")),
            ("resolution", Spread(summary.ResolutionMs, "issues, from first seen")));
        Table(
            terminal,
            ["COUNT", "RESOLVED", "COMMONEST TYPES"],
            summary.CommonestTypes.Select(type => new[] { Counted.Number(type.Count), Counted.Number(type.Resolved), type.Type }));
        Table(
            terminal,
            ["TOOK", "RESOLVED (UTC)", "TYPE", "SLOWEST RESOLUTIONS"],
            summary.SlowestResolutions.Select(slow => new[]
                { Durations.Of(slow.ResolvedAt - slow.FirstSeen), Durations.Minute(slow.ResolvedAt), slow.Type, slow.Subject }));
        Table(
            terminal,
            ["COUNT", "LAST (UTC)", "IN", "WHY THINGS FAILED"],
            summary.ErrorPatterns.Select(error => new[] { Counted.Number(error.Count), Durations.Minute(error.LastAt), error.Source, error.Pattern }));
    }

    private static void Table(Terminal terminal, string[] head, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        if (all.Count > 0)
        {
            terminal.Write();
            TextTable.Write(terminal, head, all);
        }
    }

    private static string? Share(double? share, string what) =>
        share is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value:P1} {what}") : null;

    private static string? Spread(Percentiles spread, string what) => spread is { P50: { } p50, P95: { } p95, P99: { } p99, Maximum: { } most }
        ? $"p50 {Time(p50)}, p95 {Time(p95)}, p99 {Time(p99)}, at most {Time(most)} ({Counted.Number(spread.Count)} {what})"
        : null;

    private static string Time(double milliseconds) => Durations.Of(TimeSpan.FromMilliseconds(milliseconds));
}
