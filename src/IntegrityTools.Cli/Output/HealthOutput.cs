using System.Globalization;
using System.Text.Json;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Shows how well a store is.</summary>
internal static class HealthOutput
{
    public static void Write(Session session, StoreHealth health, OutputFormat format)
    {
        var terminal = session.Terminal;
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, writer => JsonSerializer.Serialize(writer, health, ModelJson.Default.StoreHealth));
            return;
        }

        var tone = ToneOf(health.Status);
        terminal.Write($"{terminal.Paint(Codes.Of(health.Status), tone)}, score {(health.HealthScore is { } score ? $"{score} of 100" : "unknown")}  {TerminalText.Clean(health.Store)}");
        terminal.Write();
        Figures(terminal, health);
        terminal.Write();
        foreach (var check in health.Checks)
        {
            terminal.Write($"{terminal.Paint(TerminalText.Pad(Codes.Of(check.Status), 10), ToneOf(check.Status))} {TerminalText.Pad(check.Name, 12)} {TerminalText.Clean(check.Reason)}");
        }

        foreach (var advice in health.Recommendations)
        {
            terminal.Note(advice.Text);
            terminal.Hint("  " + advice.Command);
        }
    }

    private static void Figures(Terminal terminal, StoreHealth health)
    {
        var sqlite = health.Sqlite;
        ReportOutput.Fields(
            terminal,
            ("documents", Number(health.TotalDocuments)),
            ("conflicts", Known(health, health.ConflictCount, "conflict_count")),
            ("duplicates", Known(health, health.DuplicateCount, "duplicate_count")),
            ("invalid", Known(health, health.InvalidCount, "invalid_count")),
            ("orphaned", Known(health, health.OrphanedCount, "orphaned_count")),
            ("data", Bytes(health.DatabaseSize)),
            ("on disk", Bytes(health.FileSize)),
            ("disk used", Share(health.DiskUsage)),
            ("revisions", health.AverageRevisions?.ToString("N1", CultureInfo.InvariantCulture)),
            ("largest", Bytes(health.LargestDocument)),
            ("journal", sqlite?.JournalMode),
            ("wal", Bytes(sqlite?.WalSize)),
            ("free pages", sqlite is null ? null : $"{Counted.Number(sqlite.FreelistPages)} of {Counted.Number(sqlite.Pages)} ({Share(sqlite.FreelistShare)})"),
            ("scattered", Share(sqlite?.Fragmentation)),
            ("fsync", sqlite is null ? null : sqlite.Synchronous ?? "not known: no file keeps it (the store's 'connection')"),
            ("sqlite", sqlite is null ? null : $"{sqlite.LoadedVersion} loaded, {sqlite.WriterVersion ?? "?"} wrote last"),
            ("good check", sqlite is null ? null : Moment(sqlite.LastGoodCheck)),
            ("good backup", Moment(health.LastGoodBackup)),
            ("trend", health.HealthScore is null ? null : Trend(health.Trend)));
    }

    private static string Trend(HealthTrend? trend) => trend is null ? "this is the first check" : string.Create(
        CultureInfo.InvariantCulture,
        $"{trend.ScoreChange:+0;-0;+0} points since {Durations.Of(trend.Oldest.At)}{PerDay(trend.DocumentsPerDay, " documents")}{PerDay(trend.BytesPerDay / 1024, " KiB")}");

    private static string PerDay(double? value, string unit) =>
        value is { } known ? string.Create(CultureInfo.InvariantCulture, $", {known:+#,0;-#,0;0}{unit} a day") : string.Empty;

    private static string? Known(StoreHealth health, long? value, string figure) =>
        value is { } known && health.Sources.TryGetValue(figure, out var source)
            ? $"{Counted.Number(known)}  (scan of {Durations.Minute(source.At)} UTC)"
            : HasNone(health, figure) ? null : "not known: no whole scan has looked for them";

    // A SQLite database has no conflicts, duplicates of documents and revisions, and a dump no old revisions: no scan would ever make them known.
    private static bool HasNone(StoreHealth health, string figure) => figure switch
    {
        "invalid_count" => false,
        "orphaned_count" => health.Sqlite is not null || health.Store.StartsWith("couchdump:", StringComparison.Ordinal),
        _ => health.Sqlite is not null,
    };

    private static string? Number(long? value) => value is { } known ? Counted.Number(known) : null;

    private static string? Share(double? value) => value?.ToString("P1", CultureInfo.InvariantCulture);

    private static string? Bytes(long? bytes) => bytes switch
    {
        null => null,
        < 1 << 20 => $"{Counted.Number((bytes.Value + 1023) >> 10)} KiB",
        _ => $"{Counted.Number(bytes.Value >> 20)} MiB",
    };

    private static string Moment(DateTimeOffset? moment) => moment is { } known
        ? $"{Durations.Of(known)} ({Durations.Of(DateTimeOffset.UtcNow - known)} ago)"
        : "none is known";

    private static Tone ToneOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => Tone.Good,
        HealthStatus.Degraded => Tone.Warning,
        _ => Tone.Bad,
    };
}
