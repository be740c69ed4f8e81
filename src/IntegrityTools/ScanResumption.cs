using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools;

/// <summary>A scan that was cut, and what is known of how far it came.</summary>
internal sealed class ScanResumption
{
    private readonly HashSet<UInt128> found = [];
    private readonly Dictionary<string, long> byType = [];
    private readonly Dictionary<string, long> bySeverity = [];

    private ScanResumption(ScanReport report, ScanProgress? progress) => (Report, Progress) = (report, progress);

    /// <summary>The scan, as it was recorded.</summary>
    public ScanReport Report { get; }

    /// <summary>How far it came; null: that was not recorded.</summary>
    public ScanProgress? Progress { get; }

    /// <summary>Its issues so far that a person ignores.</summary>
    public long Ignored { get; private set; }

    /// <summary>Its issues so far, by type.</summary>
    public IReadOnlyDictionary<string, long> IssuesByType => byType;

    /// <summary>Its issues so far, by severity.</summary>
    public IReadOnlyDictionary<string, long> IssuesBySeverity => bySeverity;

    /// <summary>Reads it.</summary>
    /// <exception cref="IntegrityException">There is no such scan, it has ended, or it still runs.</exception>
    public static async Task<ScanResumption> ReadAsync(ILedger ledger, string scanId, CancellationToken cancellationToken)
    {
        var report = await ledger.GetScanAsync(scanId, cancellationToken).ConfigureAwait(false) ?? throw new IntegrityException(
            ErrorIds.NotFound, $"The ledger has no scan '{scanId}'.", scanId, "List them with 'integrity reports list' or Get-IntegrityReport.");
        if (report.Status == "success")
        {
            throw new IntegrityException(ErrorIds.InvalidState, "The scan has ended: there is nothing to go on with.", scanId, "Scan again; --incremental goes on from this one.");
        }

        ScanProgress? progress = null;
        await foreach (var entry in ledger
            .ReadEventsAsync(new LedgerQuery { ScanId = scanId, Kind = LedgerEventKinds.ScanProgressed }, cancellationToken).ConfigureAwait(false))
        {
            progress = JsonSerializer.Deserialize(entry.Event.Data.Utf8.Span, LedgerJson.Default.ScanProgress);
        }

        if (report.Status == "running" && progress is { Run: { IsOver: false } run })
        {
            throw new IntegrityException(
                ErrorIds.InvalidState,
                string.Create(CultureInfo.InvariantCulture, $"The scan may still run: process {run.Process?.Id} of {run.Process?.Host.Split('/')[0]} has not ended it."),
                scanId,
                "Wait for it, or end that process first.");
        }

        var resumption = new ScanResumption(report, progress);
        var unwanted = await ledger.ReadIgnoredAsync(report.Store, DateTimeOffset.UtcNow, cancellationToken).ConfigureAwait(false);
        await foreach (var issue in ledger.ReadIssuesAsync(scanId, cancellationToken).ConfigureAwait(false))
        {
            if (!resumption.IsNew(issue))
            {
                continue;
            }

            if (unwanted.Contains(issue.Id))
            {
                resumption.Ignored++;
            }
            else
            {
                resumption.byType[issue.Type] = resumption.byType.GetValueOrDefault(issue.Type) + 1;
                var severity = Codes.Of(issue.Severity);
                resumption.bySeverity[severity] = resumption.bySeverity.GetValueOrDefault(severity) + 1;
            }
        }

        return resumption;
    }

    /// <summary>True for an issue that the scan has not found yet; it counts as found from then on.</summary>
    public bool IsNew(IntegrityIssue issue) =>
        found.Add(BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(issue.Id))));

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
