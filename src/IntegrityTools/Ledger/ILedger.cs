using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Ledger;

/// <summary>
/// The append-only record of all that was found, planned and done, and the present state that follows from it. Safe for use by
/// several threads and processes.
/// </summary>
public interface ILedger : ILeaseKeeper, IAsyncDisposable
{
    /// <summary>Where it is, for messages.</summary>
    string Location { get; }

    /// <summary>The folder in which backups of this ledger's executions are kept.</summary>
    string BackupFolder { get; }

    /// <summary>Throws unless events can be appended: before long work whose record would be refused at its end. Makes the ledger when there is none.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.LedgerUnavailable"/>.</exception>
    Task RequireWritableAsync(CancellationToken cancellationToken);

    /// <summary>Appends events as one unit, durable when it returns.</summary>
    Task AppendAsync(IReadOnlyList<LedgerEvent> events, CancellationToken cancellationToken);

    /// <summary>Reads events in order, optionally of one scan, plan or execution.</summary>
    IAsyncEnumerable<LedgerEntry> ReadEventsAsync(LedgerQuery query, CancellationToken cancellationToken);

    /// <summary>Checks the chain from its first event to its last.</summary>
    Task<LedgerVerification> VerifyAsync(CancellationToken cancellationToken);

    /// <summary>Scans, newest first.</summary>
    Task<IReadOnlyList<ScanReport>> ListScansAsync(CancellationToken cancellationToken);

    /// <summary>One scan, or null.</summary>
    Task<ScanReport?> GetScanAsync(string scanId, CancellationToken cancellationToken);

    /// <summary>The newest scan of a store that fits, or null.</summary>
    Task<ScanReport?> FindScanAsync(string store, Func<ScanReport, bool> fits, CancellationToken cancellationToken);

    /// <summary>The issues that a scan found, in the order in which it found them.</summary>
    IAsyncEnumerable<IntegrityIssue> ReadIssuesAsync(string scanId, CancellationToken cancellationToken);

    /// <summary>The issues that are known, whichever scan found them: the worst first, then the oldest.</summary>
    IAsyncEnumerable<KnownIssue> ReadKnownIssuesAsync(IssueQuery query, CancellationToken cancellationToken);

    /// <summary>The ids of a store's issues that are ignored at a moment.</summary>
    Task<IReadOnlySet<string>> ReadIgnoredAsync(string store, DateTimeOffset moment, CancellationToken cancellationToken);

    /// <summary>A store's known issues of these types that are not resolved: by which event each was seen last, and what it is about.</summary>
    IAsyncEnumerable<IssueSubject> ReadSubjectsAsync(string store, IReadOnlyCollection<string> types, CancellationToken cancellationToken);

    /// <summary>The ids of the issues that these events have seen.</summary>
    Task<IReadOnlyList<string>> ReadIssueIdsAsync(IEnumerable<long> events, CancellationToken cancellationToken);

    /// <summary>How many known issues were resolved before a moment.</summary>
    Task<long> CountResolvedAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>How many known issues of a store are neither resolved nor ignored, by type and severity.</summary>
    Task<IReadOnlyList<KnownIssueCount>> CountUnresolvedAsync(string store, CancellationToken cancellationToken);

    /// <summary>How many subjects have known issues of these types that are neither resolved nor ignored.</summary>
    Task<long> CountSubjectsAsync(string store, IReadOnlyList<string> types, CancellationToken cancellationToken);

    /// <summary>A store's health checks since a moment: how many, the oldest and the newest.</summary>
    Task<(long Count, HealthPoint? Oldest, HealthPoint? Newest)> ReadTrendAsync(string store, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>What scans and repairs came to.</summary>
    /// <param name="store">Of the store with this canonical address; null: of all.</param>
    /// <param name="since">From when on; null: all that the ledger has.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<ReportSummary> SummarizeAsync(string? store, DateTimeOffset? since, CancellationToken cancellationToken);

    /// <summary>Plans without their operations (an empty list stands in), newest first.</summary>
    Task<IReadOnlyList<PlanSummary>> ListPlansAsync(CancellationToken cancellationToken);

    /// <summary>One plan with its operations, or null.</summary>
    Task<RepairPlan?> GetPlanAsync(string planId, CancellationToken cancellationToken);

    /// <summary>Executions, newest first.</summary>
    Task<IReadOnlyList<RepairExecution>> ListExecutionsAsync(CancellationToken cancellationToken);

    /// <summary>The newest execution of the store with this canonical address, or null.</summary>
    Task<RepairExecution?> FindLastExecutionAsync(string store, CancellationToken cancellationToken);

    /// <summary>One execution, or null.</summary>
    Task<RepairExecution?> GetExecutionAsync(string executionId, CancellationToken cancellationToken);

    /// <summary>The last outcome of each operation of an execution that has one, by number.</summary>
    IAsyncEnumerable<RepairResult> ReadResultsAsync(string executionId, CancellationToken cancellationToken);

    /// <summary>The mean time of one operation by type, in milliseconds, over the executions so far; empty at first.</summary>
    Task<IReadOnlyDictionary<string, double>> GetOperationTimesAsync(CancellationToken cancellationToken);
}
