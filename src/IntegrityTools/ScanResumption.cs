using System.Globalization;
using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools;

/// <summary>A scan that was cut, and what is known of how far it came.</summary>
internal sealed class ScanResumption
{
    // A process of another machine, or of a boot before this one, can be asked by nobody. Should it run all the same, what both find counts once.
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    private ScanResumption(ScanReport report, ScanProgress? progress, FoundIssues found) => (Report, Progress, Found) = (report, progress, found);

    /// <summary>The scan, as it was recorded.</summary>
    public ScanReport Report { get; }

    /// <summary>How far it came; null: that was not recorded.</summary>
    public ScanProgress? Progress { get; }

    /// <summary>Its issues so far.</summary>
    public FoundIssues Found { get; }

    /// <summary>Reads it.</summary>
    /// <exception cref="IntegrityException">There is no such scan, it has ended, or it still runs.</exception>
    public static async Task<ScanResumption> ReadAsync(ILedger ledger, string scanId, CancellationToken cancellationToken)
    {
        var report = await ledger.GetScanAsync(scanId, cancellationToken).ConfigureAwait(false) ?? throw new IntegrityException(
            ErrorIds.NotFound, $"The ledger has no scan '{scanId}'.", scanId, $"List them with {CommandWords.Command("integrity reports list --all-stores", "Get-IntegrityReport -AllStores")}.");
        if (report.Status == "success")
        {
            throw new IntegrityException(ErrorIds.InvalidState, "The scan has ended: there is nothing to go on with.", scanId, $"Scan again; {CommandWords.Option("--incremental", "-Incremental")} goes on from this one.");
        }

        if (report.Share is { } share)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState, "The scan is a shared one: it goes on with whoever takes part in it.", scanId, $"Take part in it again: {CommandWords.Option($"--shared {share.Name}", $"-Shared {share.Name}")}.");
        }

        ScanProgress? progress = null;
        var noted = DateTimeOffset.MinValue;
        await foreach (var entry in ledger
            .ReadEventsAsync(new LedgerQuery { ScanId = scanId, Kind = LedgerEventKinds.ScanProgressed }, cancellationToken).ConfigureAwait(false))
        {
            (progress, noted) = (JsonSerializer.Deserialize(entry.Event.Data.Utf8.Span, LedgerJson.Default.ScanProgress), entry.At);
        }

        if (report.Status == "running" && progress is { Run: { IsOver: false } run }
            && (run.Process?.IsOfThisMachine == true || (DateTimeOffset.UtcNow - noted).Duration() < Silence))
        {
            throw new IntegrityException(
                ErrorIds.InvalidState,
                string.Create(CultureInfo.InvariantCulture, $"The scan may still run: process {run.Process?.Id} of {run.Process?.Host.Split('/')[0]} has not ended it."),
                scanId,
                "Wait for it, or end that process first. A scan of another machine, or from before this one was started anew, goes on ten minutes after its last sign of life.");
        }

        return new ScanResumption(report, progress, await FoundIssues.ReadAsync(ledger, scanId, report.Store, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What it was asked for, with what is asked now of how to go about it.</summary>
    public ScanOptions Options(ScanOptions now) => now with
    {
        Store = Report.Store,
        Types = Report.Scope.Types,
        MinimumSeverity = Report.Scope.MinimumSeverity,
        DocumentTypes = Report.Scope.DocumentTypes,
        Subjects = Report.Scope.Subjects,
        Partition = Report.Scope.Partition,
        Incremental = Report.SinceScan is not null,
    };
}
