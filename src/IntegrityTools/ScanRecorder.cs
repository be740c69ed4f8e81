using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>Runs one scan and records it: its beginning, its issues in batches, its end however it comes. What a person ignores is recorded and not given on.</summary>
/// <param name="ledger">Where.</param>
/// <param name="store">The store.</param>
/// <param name="options">What is asked for.</param>
/// <param name="plan">What follows from it.</param>
/// <param name="resumption">The scan that goes on; null: it is a new one.</param>
/// <param name="shared">The scan that several processes share; null: this one is alone.</param>
/// <param name="found">What of the scan was recorded before; null: nothing.</param>
internal sealed class ScanRecorder(
    ILedger ledger, IIntegrityStore store, ScanOptions options, ScanPlan plan, ScanResumption? resumption, ISharedScan? shared = null, FoundIssues? found = null)
{
    // Few enough to hold, enough that the ledger's flush to disk is paid seldom.
    private const int IssuesPerAppend = 500;
    private const string Success = "success";

    private readonly ScanStatistics statistics = new();
    private readonly Dictionary<string, long> byType = found is null ? [] : new(found.ByType);
    private readonly Dictionary<string, long> bySeverity = found is null ? [] : new(found.BySeverity);
    private readonly List<LedgerEvent> unrecorded = [];
    private Task begun = Task.CompletedTask;
    private long ignored = found?.Ignored ?? 0;
    private readonly RunIdentity run = RunIdentity.Begin("scan");
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly ScanReport started = new()
    {
        ScanId = resumption?.Report.ScanId ?? shared?.ScanId ?? Identifiers.New("scan"),
        Store = store.Descriptor.Address,
        StartedAt = resumption?.Report.StartedAt ?? DateTimeOffset.UtcNow,
        Status = "running",
        Scope = plan.Scope,
        NotLookedFor = [.. plan.NotLookedFor.Order(StringComparer.Ordinal)],
        Remarks = plan.Remarks,
        SinceScan = plan.Since?.ScanId,
        Share = options.Shared is { } name ? new ScanShare { Name = name } : null,
    };

    private ScanPosition? position = resumption?.Progress?.Position;
    private Task<KnownSubjects>? known;
    private TimeSpan settledAt;

    /// <summary>The issues, as found.</summary>
    public async IAsyncEnumerable<IntegrityIssue> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var calledOff = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var unwanted = await ledger.ReadIgnoredAsync(started.Store, started.StartedAt, cancellationToken).ConfigureAwait(false);
        known = IsOfChanges ? Task.Run(() => ReadKnownAsync(cancellationToken), CancellationToken.None) : null;
        var request = new ScanRequest
        {
            ScanId = started.ScanId,
            Types = plan.Types,
            MinimumSeverity = options.MinimumSeverity,
            DocumentTypes = options.DocumentTypes,
            Subjects = options.Subjects,
            Incremental = options.Incremental,
            Since = plan.Since?.Checkpoint,
            Known = known,
            ForPlan = options.ForPlan,
            From = position,
            Settled = SettleAsync,
            Shared = shared,
            Recorded = token => new ValueTask(AppendAsync(token)),
            Partition = options.Partition,
            Progress = options.Progress,
        };
        options.ReportChanged?.Invoke(started);

        // At once, and the scan does not wait for it: what others see from here on, this scan's end must not call gone.
        begun = Task.Run(() => BeginAsync(calledOff, cancellationToken), CancellationToken.None);
        await using var issues = store.ScanAsync(request, statistics, calledOff.Token).GetAsyncEnumerator(calledOff.Token);
        string? failure = null;
        var ended = false;
        try
        {
            while (true)
            {
                try
                {
                    if (!await issues.MoveNextAsync().ConfigureAwait(false))
                    {
                        break;
                    }
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && calledOff.IsCancellationRequested)
                {
                    break;
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    failure = exception.Message;
                    throw;
                }

                // Nobody is shown what the ledger does not take.
                await begun.ConfigureAwait(false);
                if (found?.IsNew(issues.Current) == false)
                {
                    continue;
                }

                var isIgnored = unwanted.Contains(issues.Current.Id);
                await RecordAsync(issues.Current, isIgnored, cancellationToken).ConfigureAwait(false);
                if (!isIgnored)
                {
                    yield return issues.Current;
                }
            }

            await begun.ConfigureAwait(false);
            ended = true;
        }
        finally
        {
            if (!begun.IsFaulted)
            {
                await EndAsync(ended, failure).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Records that the scan has begun; when the ledger cannot be used, the scan is called off.</summary>
    private async Task BeginAsync(CancellationTokenSource calledOff, CancellationToken cancellationToken)
    {
        try
        {
            await ledger.AppendAsync([Event(LedgerEventKinds.ScanStarted, started), Progress()], cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await calledOff.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task RecordAsync(IntegrityIssue issue, bool isIgnored, CancellationToken cancellationToken)
    {
        var severity = Codes.Of(issue.Severity);
        if (isIgnored)
        {
            ignored++;
        }
        else
        {
            byType[issue.Type] = byType.GetValueOrDefault(issue.Type) + 1;
            bySeverity[severity] = bySeverity.GetValueOrDefault(severity) + 1;
        }

        unrecorded.Add(new LedgerEvent
        {
            Kind = LedgerEventKinds.IssueFound,
            Store = issue.Store,
            ScanId = issue.ScanId,
            Subject = issue.Id,
            Data = ScanFacts.Of(issue, severity),
            Sensitive = new RawJson(JsonSerializer.SerializeToUtf8Bytes(issue, ModelJson.Default.IntegrityIssue)),
        });
        if (unrecorded.Count >= IssuesPerAppend)
        {
            await AppendAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask SettleAsync(ScanPosition reached, CancellationToken cancellationToken)
    {
        position = reached;
        if (watch.Elapsed - settledAt >= options.SettlingInterval)
        {
            await AppendAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // With the issues, how far all is found: who goes on from there needs no other.
    private async Task AppendAsync(CancellationToken cancellationToken)
    {
        unrecorded.Add(Progress());
        await begun.ConfigureAwait(false);
        await ledger.AppendAsync([.. unrecorded], cancellationToken).ConfigureAwait(false);
        unrecorded.Clear();
        settledAt = watch.Elapsed;
    }

    private LedgerEvent Progress() => new()
    {
        Kind = LedgerEventKinds.ScanProgressed,
        Store = started.Store,
        ScanId = started.ScanId,
        Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(new ScanProgress(run, position), LedgerJson.Default.ScanProgress)),
    };

    private async Task EndAsync(bool ended, string? failure)
    {
        var (types, severities, unwanted) = await CountAsync().ConfigureAwait(false);
        var report = started with
        {
            EndedAt = DateTimeOffset.UtcNow,
            DurationMs = watch.ElapsedMilliseconds,
            Status = ended ? Success : failure is null ? "cancelled" : "failure",
            Message = failure,
            NotLookedFor = [.. plan.NotLookedFor.Concat(statistics.LeftOut).Order(StringComparer.Ordinal)],
            Remarks = [.. plan.Remarks, .. statistics.Remarks],
            SinceScan = statistics.SinceSequence is null ? null : plan.Since?.ScanId,
            CanResume = !ended && position is not null,
            Checkpoint = ended && plan.Scope.IsWhole ? statistics.Checkpoint : null,
            Documents = statistics.Documents,
            DocumentsRead = statistics.DocumentsRead,
            AverageRevisions = ended && IsOfAll ? statistics.AverageRevisions : null,
            LargestDocument = ended && IsOfAll ? statistics.LargestDocument : null,
            Issues = types.Values.Sum(),
            Ignored = unwanted,
            IssuesByType = types,
            IssuesBySeverity = severities,
            SinceSequence = statistics.SinceSequence,
            LastSequence = statistics.LastSequence,
            Share = statistics.Share ?? started.Share,
            CoveredTypes = ended && IsOfAll ? [.. plan.Scope.Types.Except(statistics.LeftOut).Except(statistics.PartlyLeftOut)] : [],
        };
        run.End();
        if (report.CanResume)
        {
            unrecorded.Add(Progress());
        }

        unrecorded.AddRange(ended ? await GoneAsync().ConfigureAwait(false) : []);
        unrecorded.Add(Event(LedgerEventKinds.ScanFinished, report));
        await ((Task?)known ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await begun.ConfigureAwait(ended ? ConfigureAwaitOptions.None : ConfigureAwaitOptions.SuppressThrowing);
        await ledger.AppendAsync([.. unrecorded], CancellationToken.None).ConfigureAwait(false);
        unrecorded.Clear();
        options.ReportChanged?.Invoke(report);
    }

    private bool IsOfAll => plan.Scope is { IsWhole: true, MinimumSeverity: Severity.Info } && statistics.SinceSequence is null && (shared is null || statistics.Share is { AllHere: true });

    // What such a scan does not find is gone: it leaves nothing out that is about what it looks at.
    private bool IsOfChanges => plan is { Since: not null, Scope: { IsWhole: true, MinimumSeverity: Severity.Info } };

    private async Task<KnownSubjects> ReadKnownAsync(CancellationToken cancellationToken)
    {
        var subjects = new KnownSubjects();
        await foreach (var issue in ledger.ReadSubjectsAsync(started.Store, plan.Scope.Types, cancellationToken).ConfigureAwait(false))
        {
            subjects.Add(issue.Type, issue.Subject, issue.Event);
        }

        return subjects;
    }

    /// <summary>Of an incremental scan the issues that are known of what it looked at. Those that it found again are among them, and stay: they were seen since it began.</summary>
    private async Task<IEnumerable<LedgerEvent>> GoneAsync()
    {
        if (known is null || statistics.SinceSequence is null)
        {
            return [];
        }

        var types = plan.Scope.Types.Except(statistics.LeftOut).Except(statistics.PartlyLeftOut).ToHashSet(StringComparer.Ordinal);
        var seen = (await known.ConfigureAwait(false)).Seen(types).ToList();
        var ids = seen.Count == 0 ? [] : await ledger.ReadIssueIdsAsync(seen, CancellationToken.None).ConfigureAwait(false);
        return ids.Chunk(IssuesPerAppend).Select(some => new LedgerEvent
        {
            Kind = LedgerEventKinds.IssuesGone,
            Store = started.Store,
            ScanId = started.ScanId,
            Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(new GoneIssues(some), LedgerJson.Default.GoneIssues)),
        });
    }

    // Of a scan that is shared, others may write to this ledger, too.
    private async Task<(IReadOnlyDictionary<string, long> ByType, IReadOnlyDictionary<string, long> BySeverity, long Ignored)> CountAsync()
    {
        if (shared is null)
        {
            return (byType, bySeverity, ignored);
        }

        await AppendAsync(CancellationToken.None).ConfigureAwait(false);
        var all = await FoundIssues.ReadAsync(ledger, started.ScanId, started.Store, CancellationToken.None).ConfigureAwait(false);
        return (all.ByType, all.BySeverity, all.Ignored);
    }

    private static LedgerEvent Event(string kind, ScanReport report) => new()
    {
        Kind = kind,
        Store = report.Store,
        ScanId = report.ScanId,
        Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(report, ModelJson.Default.ScanReport)),
    };
}
