using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>Runs one scan and records it: its beginning, its issues in batches, its end however it comes.</summary>
/// <param name="ledger">Where.</param>
/// <param name="store">The store.</param>
/// <param name="options">What is asked for.</param>
/// <param name="plan">What follows from it.</param>
/// <param name="resumption">The scan that goes on; null: it is a new one.</param>
internal sealed class ScanRecorder(ILedger ledger, IIntegrityStore store, ScanOptions options, ScanPlan plan, ScanResumption? resumption)
{
    // Few enough to hold, enough that the ledger's flush to disk is paid seldom.
    private const int IssuesPerAppend = 500;
    private const string Success = "success";

    private readonly ScanStatistics statistics = new();
    private readonly Dictionary<string, long> byType = resumption is null ? [] : new(resumption.IssuesByType);
    private readonly Dictionary<string, long> bySeverity = resumption is null ? [] : new(resumption.IssuesBySeverity);
    private readonly List<LedgerEvent> unrecorded = [];
    private readonly RunIdentity run = RunIdentity.Begin("scan");
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly ScanReport started = new()
    {
        ScanId = resumption?.Report.ScanId ?? Identifiers.New("scan"),
        Store = store.Descriptor.Address,
        StartedAt = resumption?.Report.StartedAt ?? DateTimeOffset.UtcNow,
        Status = "running",
        Scope = plan.Scope,
        NotLookedFor = [.. plan.NotLookedFor.Order(StringComparer.Ordinal)],
        Remarks = plan.Remarks,
        SinceScan = plan.Since?.ScanId,
    };

    private ScanPosition? position = resumption?.Progress?.Position;
    private TimeSpan settledAt;

    /// <summary>The issues, as found.</summary>
    public async IAsyncEnumerable<IntegrityIssue> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ScanRequest
        {
            ScanId = started.ScanId,
            Types = plan.Types,
            MinimumSeverity = options.MinimumSeverity,
            DocumentTypes = options.DocumentTypes,
            Subjects = options.Subjects,
            Incremental = options.Incremental,
            Since = plan.Since?.Checkpoint,
            ForPlan = options.ForPlan,
            From = position,
            Settled = SettleAsync,
            Partition = options.Partition,
            Progress = options.Progress,
        };
        options.ReportChanged?.Invoke(started);
        unrecorded.Add(Event(LedgerEventKinds.ScanStarted, started));
        if (resumption is not null)
        {
            // Said at once: nobody else is to go on with it meanwhile.
            await AppendAsync(cancellationToken).ConfigureAwait(false);
        }

        await using var issues = store.ScanAsync(request, statistics, cancellationToken).GetAsyncEnumerator(cancellationToken);
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
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    failure = exception.Message;
                    throw;
                }

                if (resumption?.IsNew(issues.Current) != false)
                {
                    await RecordAsync(issues.Current, cancellationToken).ConfigureAwait(false);
                    yield return issues.Current;
                }
            }

            ended = true;
        }
        finally
        {
            await EndAsync(ended ? Success : failure is null ? "cancelled" : "failure", failure).ConfigureAwait(false);
        }
    }

    private async Task RecordAsync(IntegrityIssue issue, CancellationToken cancellationToken)
    {
        byType[issue.Type] = byType.GetValueOrDefault(issue.Type) + 1;
        var severity = Codes.Of(issue.Severity);
        bySeverity[severity] = bySeverity.GetValueOrDefault(severity) + 1;
        unrecorded.Add(new LedgerEvent
        {
            Kind = LedgerEventKinds.IssueFound,
            Store = issue.Store,
            ScanId = issue.ScanId,
            Subject = issue.Id,
            Data = Facts(issue, severity),
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
        unrecorded.Add(new LedgerEvent
        {
            Kind = LedgerEventKinds.ScanProgressed,
            Store = started.Store,
            ScanId = started.ScanId,
            Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(new ScanProgress(run, position), LedgerJson.Default.ScanProgress)),
        });
        await ledger.AppendAsync([.. unrecorded], cancellationToken).ConfigureAwait(false);
        unrecorded.Clear();
        settledAt = watch.Elapsed;
    }

    private async Task EndAsync(string status, string? message)
    {
        var report = started with
        {
            EndedAt = DateTimeOffset.UtcNow,
            DurationMs = watch.ElapsedMilliseconds,
            Status = status,
            Message = message,
            NotLookedFor = [.. plan.NotLookedFor.Concat(statistics.LeftOut).Order(StringComparer.Ordinal)],
            Remarks = [.. plan.Remarks, .. statistics.Remarks],
            SinceScan = statistics.SinceSequence is null ? null : plan.Since?.ScanId,
            CanResume = status != Success && position is not null,
            Checkpoint = status == Success && plan.Scope.IsWhole ? statistics.Checkpoint : null,
            Documents = statistics.Documents,
            DocumentsRead = statistics.DocumentsRead,
            Issues = byType.Values.Sum(),
            IssuesByType = byType,
            IssuesBySeverity = bySeverity,
            SinceSequence = statistics.SinceSequence,
            LastSequence = statistics.LastSequence,
        };
        run.End();
        var finished = Event(LedgerEventKinds.ScanFinished, report);
        if (report.CanResume)
        {
            await AppendAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await ledger.AppendAsync([.. unrecorded, finished], CancellationToken.None).ConfigureAwait(false);
        unrecorded.Clear();
        options.ReportChanged?.Invoke(report);
    }

    private static LedgerEvent Event(string kind, ScanReport report) => new()
    {
        Kind = kind,
        Store = report.Store,
        ScanId = report.ScanId,
        Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(report, ModelJson.Default.ScanReport)),
    };

    private static RawJson Facts(IntegrityIssue issue, string severity)
    {
        var buffer = new ArrayBufferWriter<byte>(160);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", issue.Type);
            writer.WriteString("severity", severity);
            writer.WriteString("subject", issue.Subject);
            writer.WriteEndObject();
        }

        return new RawJson(buffer.WrittenMemory);
    }
}
