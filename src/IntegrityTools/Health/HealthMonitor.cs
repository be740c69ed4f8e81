using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Health;

/// <summary>
/// Measures how well stores are. It asks the store for what it tells at once, takes from the ledger what scans and repairs have found, and
/// records the result there. Writes nothing to the store.
/// </summary>
public sealed class HealthMonitor
{
    private readonly IntegrityEngine engine;

    internal HealthMonitor(IntegrityEngine engine) => this.engine = engine;

    /// <summary>Measures a store and records it. A server that cannot be reached is measured as unhealthy.</summary>
    /// <param name="store">A configured name or an address; null: the default store.</param>
    /// <param name="credential">Name and password; null: as configured.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">The store is unknown or does not exist, or the name or the password is refused.</exception>
    public async Task<StoreHealth> MeasureAsync(string? store, StoreCredential? credential, CancellationToken cancellationToken)
    {
        await using var opened = engine.Stores.Open(store, credential);
        var measured = await opened.MeasureAsync(cancellationToken).ConfigureAwait(false);
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        var health = await CompleteAsync(opened, measured, ledger, cancellationToken).ConfigureAwait(false);
        await ledger.AppendAsync(
            [
                new LedgerEvent
                {
                    Kind = health.HealthScore is null ? LedgerEventKinds.HealthUnknown : LedgerEventKinds.HealthChecked,
                    Store = health.Store,
                    Subject = LedgerTime.Of(health.Timestamp - engine.Configuration.Monitoring.MetricsRetention),
                    Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(health, ModelJson.Default.StoreHealth)),
                },
            ],
            cancellationToken).ConfigureAwait(false);
        return health;
    }

    private async Task<StoreHealth> CompleteAsync(IIntegrityStore store, StoreMeasurement measured, ILedger ledger, CancellationToken cancellationToken)
    {
        var (address, now) = (store.Descriptor.Address, DateTimeOffset.UtcNow);
        var monitoring = engine.Configuration.Monitoring;
        var lastRun = await ledger.FindLastExecutionAsync(address, cancellationToken).ConfigureAwait(false);

        // A repair into a new file settles what it found, and leaves the old one as it was.
        var moved = lastRun is { Status: ExecutionStatus.Completed, Destination: not null, Undoes: null } ? lastRun : null;
        var scans = await ScanKnowledge.ReadAsync(ledger, address, store.Types, moved?.EndedAt, cancellationToken).ConfigureAwait(false);
        var counts = await ledger.CountUnresolvedAsync(address, cancellationToken).ConfigureAwait(false);
        var summary = await ledger.SummarizeAsync(address, now - monitoring.MetricsRetention, cancellationToken).ConfigureAwait(false);
        var unfinished = lastRun is { IsUnfinished: true } ? lastRun : null;
        var sources = new SortedDictionary<string, HealthSource>(StringComparer.Ordinal);
        var health = new StoreHealth
        {
            Store = address,
            Timestamp = now,
            Status = HealthStatus.Healthy,
            HealthScore = null,
            TotalDocuments = measured.TotalDocuments,
            DuplicateCount = Known("duplicate_count", Group("duplicates"), types => Sum(counts, types)),
            ConflictCount = Known("conflict_count", Group("conflicts"), types => Sum(counts, types)),
            OrphanedCount = await KnownAsync("orphaned_count", [IssueTypes.OrphanedRevisions], _ => OrphansAsync(ledger, address, cancellationToken)).ConfigureAwait(false),
            InvalidCount = await KnownAsync("invalid_count", Group("validation"), types => ledger.CountSubjectsAsync(address, types, cancellationToken)).ConfigureAwait(false),
            DatabaseSize = measured.DatabaseSize,
            FileSize = measured.FileSize,
            DiskUsage = measured.DiskUsage,
            AverageRevisions = Source("average_revisions", scans.Revisions)?.AverageRevisions,
            LargestDocument = Source("largest_document", scans.Bodies)?.LargestDocument,
            RecommendCompaction = measured.RecommendCompaction,
            LastGoodBackup = await LastBackupAsync(address, cancellationToken).ConfigureAwait(false),
            Sqlite = measured.Sqlite is { } sqlite ? sqlite with { LastGoodCheck = scans.Sound?.EndedAt } : null,
            Sources = sources,
        };
        health = health with { HealthScore = measured.IsReadable ? HealthScore.Of(health) : null };
        IReadOnlyList<HealthCheck> checks =
        [
            HealthChecks.Score(health.HealthScore, monitoring.AlertThreshold),
            HealthChecks.Detector(scans.Last, scans.Whole, moved, now),
            HealthChecks.Resolver(summary, unfinished),
            HealthChecks.Queue(counts, health.DuplicateCount),
            .. measured.Checks,
        ];
        return health with
        {
            Status = checks.Max(check => check.Status),
            Checks = checks,
            Recommendations = [.. HealthAdvice.Of(health, store, measured, unfinished, moved, now)],
            Trend = await TrendAsync(ledger, health, now - monitoring.MetricsRetention, cancellationToken).ConfigureAwait(false),
        };

        IReadOnlyList<string> Group(string name) => [.. IssueTypes.Expand([name]).Where(store.Types.Contains)];

        ScanReport? Source(string figure, ScanReport? report)
        {
            if (ScanKnowledge.Of(report) is { } source)
            {
                sources[figure] = source;
            }

            return report;
        }

        async Task<long?> KnownAsync(string figure, IReadOnlyList<string> types, Func<IReadOnlyList<string>, Task<long>> count)
        {
            var own = types.Where(store.Types.Contains).ToList();
            if (own.Count == 0 || scans.SourceOf(own) is not { } source)
            {
                return null;
            }

            sources[figure] = source;
            return await count(own).ConfigureAwait(false);
        }

        long? Known(string figure, IReadOnlyList<string> types, Func<IReadOnlyList<string>, long> count) =>
            KnownAsync(figure, types, own => Task.FromResult(count(own))).GetAwaiter().GetResult();
    }

    private static long Sum(IReadOnlyList<KnownIssueCount> counts, IReadOnlyList<string> types) =>
        counts.Where(count => types.Contains(count.Type)).Sum(count => count.Count);

    private static async Task<long> OrphansAsync(ILedger ledger, string store, CancellationToken cancellationToken)
    {
        var query = new IssueQuery { Store = store, Statuses = [IssueStatus.Open, IssueStatus.Planned, IssueStatus.Reopened], Types = [IssueTypes.OrphanedRevisions] };
        return await ledger.ReadKnownIssuesAsync(query, cancellationToken)
            .Select(issue => (issue.Evidence as SizeEvidence)?.SampledOldRevisions ?? 0L).SumAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<HealthTrend?> TrendAsync(ILedger ledger, StoreHealth health, DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (health.HealthScore is not { } score)
        {
            return null;
        }

        var (count, oldest, newest) = await ledger.ReadTrendAsync(health.Store, since, cancellationToken).ConfigureAwait(false);
        return newest is null || oldest is null
            ? null
            : HealthTrend.Of(newest, oldest, count, new HealthPoint(health.Timestamp, score, health.TotalDocuments, health.DatabaseSize));
    }

    private async Task<DateTimeOffset?> LastBackupAsync(string address, CancellationToken cancellationToken) =>
        (await engine.Backups.ListAsync(null, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(backup => backup.Store == address && backup.VerifiedAt is not null)?.CreatedAt;
}
