using IntegrityTools.Model;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Ledger;

/// <summary>
/// The ledger in one SQLite file, with its log (<c>-wal</c>), index (<c>-shm</c>) and lock (<c>.lock</c>) beside it. Reading takes no
/// lock and makes no file; writing is done under one lock across all processes.
/// </summary>
public sealed class SqliteLedger : ILedger
{
    private readonly LedgerOptions options;
    private readonly string actor;
    private readonly LedgerReader reader;
    private readonly LedgerSeal seal;
    private readonly SemaphoreSlim gate = new(1, 1);
    private LedgerWriter? writer;
    private bool disposed;

    private SqliteLedger(LedgerOptions options)
    {
        this.options = options;
        Location = Path.GetFullPath(options.Path);
        BackupFolder = options.BackupFolder ?? Path.Combine(Path.GetDirectoryName(Location)!, "backups");
        actor = options.Actor ?? $"{Environment.UserName}@{Environment.MachineName}";
        reader = new LedgerReader(Location, options.Key);
        seal = new LedgerSeal(options.Key);
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public string BackupFolder { get; }

    /// <summary>Opens a ledger, or prepares a new one that the first append makes.</summary>
    /// <exception cref="IntegrityException">
    /// <see cref="ErrorIds.LedgerUnavailable"/>: not readable, of a newer version, another program's, or sealed with another key.
    /// </exception>
    public static Task<SqliteLedger> OpenAsync(LedgerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        var ledger = new SqliteLedger(options);
        try
        {
            if (ledger.reader.Head() is { } head)
            {
                LedgerConnection.CheckKey(ledger.Location, ledger.seal, head);
            }
        }
        catch (Exception failure) when (LedgerErrors.Explains(failure))
        {
            throw LedgerErrors.From(failure, ledger.Location);
        }

        return Task.FromResult(ledger);
    }

    /// <inheritdoc/>
    public Task RequireWritableAsync(CancellationToken cancellationToken) => WriteAsync((_, _) => true, cancellationToken);

    /// <inheritdoc/>
    public async Task AppendAsync(IReadOnlyList<LedgerEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (events.Count != 0)
        {
            await WriteAsync((open, log) => Append(open, log, events), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes the present state (scans, issues, plans, executions, leases) anew from the events.</summary>
    public async Task RebuildAsync(CancellationToken cancellationToken) => await WriteAsync(
        (open, _) =>
        {
            open.Connection.InTransaction(() => open.Connection.Run(LedgerSchema.Rebuild()));
            return true;
        },
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<Lease> AcquireAsync(Lease wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return await WriteAsync(
            (open, log) =>
            {
                var standing = LedgerLeases.Read(open.Connection, wanted.Store);
                if (standing?.Bars(wanted, options.Clock.GetUtcNow()) == true)
                {
                    return standing;
                }

                Append(open, log, [LedgerLeases.Event(LedgerEventKinds.LeaseAcquired, wanted)]);
                return wanted;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(Lease lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        await WriteAsync(
            (open, log) => LedgerLeases.Read(open.Connection, lease.Store)?.Holder == lease.Holder
                && Append(open, log, [LedgerLeases.Event(LedgerEventKinds.LeaseReleased, lease)]),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<LedgerEntry> ReadEventsAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        reader.ReadEventsAsync(query, cancellationToken);

    /// <inheritdoc/>
    public Task<LedgerVerification> VerifyAsync(CancellationToken cancellationToken) =>
        Task.Run(() => LedgerVerifier.Verify(Location, options.Key, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ScanReport>> ListScansAsync(CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<ScanReport>>(() => reader.Scans(null, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ScanReport?> GetScanAsync(string scanId, CancellationToken cancellationToken) =>
        Task.Run(() => reader.Scans(scanId, cancellationToken).FirstOrDefault(), cancellationToken);

    /// <inheritdoc/>
    public Task<ScanReport?> FindScanAsync(string store, Func<ScanReport, bool> fits, CancellationToken cancellationToken) =>
        Task.Run(() => reader.ScansOf(store, cancellationToken).FirstOrDefault(fits), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<IntegrityIssue> ReadIssuesAsync(string scanId, CancellationToken cancellationToken) =>
        reader.ReadIssuesAsync(scanId, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<KnownIssue> ReadKnownIssuesAsync(IssueQuery query, CancellationToken cancellationToken) =>
        reader.ReadKnownIssuesAsync(query, options.Clock.GetUtcNow(), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlySet<string>> ReadIgnoredAsync(string store, DateTimeOffset moment, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlySet<string>>(() => reader.Ignored(store, moment, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<IssueSubject> ReadSubjectsAsync(string store, IReadOnlyCollection<string> types, CancellationToken cancellationToken) =>
        reader.Subjects(store, types, cancellationToken).ToAsyncEnumerable();

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadIssueIdsAsync(IEnumerable<long> events, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<string>>(() => reader.IssuesOf(events, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<long> CountResolvedAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        Task.Run(() => reader.CountResolved(before, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<KnownIssueCount>> CountUnresolvedAsync(string store, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<KnownIssueCount>>(() => reader.CountUnresolved(store, options.Clock.GetUtcNow(), cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<long> CountSubjectsAsync(string store, IReadOnlyList<string> types, CancellationToken cancellationToken) =>
        Task.Run(() => reader.CountSubjects(store, types, options.Clock.GetUtcNow(), cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<(long Count, HealthPoint? Oldest, HealthPoint? Newest)> ReadTrendAsync(string store, DateTimeOffset since, CancellationToken cancellationToken) =>
        Task.Run(() => reader.Trend(store, since, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ReportSummary> SummarizeAsync(string? store, DateTimeOffset? since, CancellationToken cancellationToken) =>
        Task.Run(() => reader.Summarize(store, since, options.Clock.GetUtcNow()), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PlanSummary>> ListPlansAsync(CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<PlanSummary>>(() => reader.Plans(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<RepairPlan?> GetPlanAsync(string planId, CancellationToken cancellationToken) =>
        Task.Run(() => reader.PlanAsync(planId, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RepairExecution>> ListExecutionsAsync(CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<RepairExecution>>(() => reader.Executions(null, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<RepairExecution?> FindLastExecutionAsync(string store, CancellationToken cancellationToken) => Task.Run(
        () => reader.LastExecution(store, cancellationToken) is { } id ? reader.Executions(id, cancellationToken).FirstOrDefault() : null, cancellationToken);

    /// <inheritdoc/>
    public Task<RepairExecution?> GetExecutionAsync(string executionId, CancellationToken cancellationToken) =>
        Task.Run(() => reader.Executions(executionId, cancellationToken).FirstOrDefault(), cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<RepairResult> ReadResultsAsync(string executionId, CancellationToken cancellationToken) =>
        reader.ReadResultsAsync(executionId, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, double>> GetOperationTimesAsync(CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyDictionary<string, double>>(() => reader.OperationTimes(cancellationToken), cancellationToken);

    /// <summary>Moves what is left in the log into the file, as far as no reader is in the way, and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        await gate.WaitAsync().ConfigureAwait(false);
        try
        {
            disposed = true;
            using (writer)
            {
                await CheckpointAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            gate.Release();
        }

        reader.Dispose();
        seal.Dispose();
        gate.Dispose();
    }

    private bool Append(LedgerWriter open, AuditLog? log, IReadOnlyList<LedgerEvent> events)
    {
        open.CheckpointIfLong();
        var stored = open.Append(events, actor, options.Clock.GetUtcNow());
        log?.Write(stored);
        return true;
    }

    // The log holds every event, flushed, and the next one to open the ledger reads it: nothing is lost by leaving it. So nobody is waited for who
    // writes just now, and whoever writes to a disk that is full or broken is told by the write that fails.
    private async Task CheckpointAsync()
    {
        if (writer is not { IsInPlace: true })
        {
            return;
        }

        try
        {
            using var held = await LedgerLock.TakeAsync(Location, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
            writer.Checkpoint();
        }
        catch (Exception failure) when (failure is IntegrityException
            or SqliteException { SqliteErrorCode: raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_READONLY })
        {
        }
    }

    private LedgerWriter Writer()
    {
        if (writer is { IsInPlace: false } moved)
        {
            writer = null;
            moved.Dispose();
            throw LedgerErrors.Unavailable(
                Location, "was moved, removed or replaced while it was written to, so nothing was appended", "Put it back with its -wal, then run the command again.");
        }

        return writer ??= new LedgerWriter(Location, seal);
    }

    private async Task<T> WriteAsync<T>(Func<LedgerWriter, AuditLog?, T> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            LedgerFiles.CreateFolderOf(Location);
            using var held = await LedgerLock.TakeAsync(Location, options.LockTimeout, cancellationToken).ConfigureAwait(false);
            using var log = options.AuditLogPath is { } path
                ? await AuditLog.OpenAsync(path, Location, options.LockTimeout, cancellationToken).ConfigureAwait(false)
                : null;
            return work(Writer(), log);
        }
        catch (Exception failure) when (LedgerErrors.Explains(failure))
        {
            throw LedgerErrors.From(failure, Location);
        }
        finally
        {
            gate.Release();
        }
    }
}
