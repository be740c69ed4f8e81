using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Health;

/// <summary>What the scans of one store have looked at, read from the newest one back until all is known that can be.</summary>
internal sealed class ScanKnowledge
{
    // A type that no scan ever looks for must not make a check read years of scans.
    private const int MostScans = 1000;
    private readonly Dictionary<string, ScanReport> byType = new(StringComparer.Ordinal);
    private int read;

    /// <summary>The last scan that ended well or failed; a person who stopped one says nothing of the store.</summary>
    public ScanReport? Last { get; private set; }

    /// <summary>The last one that looked at all of the store.</summary>
    public ScanReport? Whole { get; private set; }

    /// <summary>The last one that knows how often documents were written.</summary>
    public ScanReport? Revisions { get; private set; }

    /// <summary>The last one that has read all bodies.</summary>
    public ScanReport? Bodies { get; private set; }

    /// <summary>The last scan that looked at all pages and indexes of a SQLite database and found them sound.</summary>
    public ScanReport? Sound { get; private set; }

    /// <summary>Reads the ledger.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="store">The store's address.</param>
    /// <param name="types">The types that it can have.</param>
    /// <param name="since">When scans began to count; null: all do.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<ScanKnowledge> ReadAsync(ILedger ledger, string store, IReadOnlySet<string> types, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        var known = new ScanKnowledge();
        await ledger.FindScanAsync(store, report => report.StartedAt < since || known.Take(report, types), cancellationToken).ConfigureAwait(false);
        return known;
    }

    /// <summary>The scan that is the oldest of the last ones for each type; null when one of the types was never looked for everywhere.</summary>
    public HealthSource? SourceOf(IEnumerable<string> types)
    {
        ScanReport? oldest = null;
        foreach (var type in types)
        {
            if (!byType.TryGetValue(type, out var report))
            {
                return null;
            }

            oldest = oldest is null || report.EndedAt < oldest.EndedAt ? report : oldest;
        }

        return Of(oldest);
    }

    /// <summary>A report as a source.</summary>
    public static HealthSource? Of(ScanReport? report) => report?.EndedAt is { } at ? new HealthSource(report.ScanId, at) : null;

    private bool Take(ScanReport report, IReadOnlySet<string> types)
    {
        Last ??= report.Status is "success" or "failure" ? report : null;
        if (report.CoveredTypes.Count > 0)
        {
            Whole ??= report;
            foreach (var type in report.CoveredTypes)
            {
                byType.TryAdd(type, report);
            }

            Revisions ??= report.AverageRevisions is null ? null : report;
            Bodies ??= report.LargestDocument is null ? null : report;
            Sound ??= report.CoveredTypes.Contains(IssueTypes.DamagedPage) && report.CoveredTypes.Contains(IssueTypes.IndexMismatch)
                && !report.IssuesByType.ContainsKey(IssueTypes.IndexMismatch) ? report : null;
        }

        var rest = types.Contains(IssueTypes.DamagedPage) ? Sound is not null : Revisions is not null && Bodies is not null;
        return ++read >= MostScans || (rest && types.All(byType.ContainsKey));
    }
}
