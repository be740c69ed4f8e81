using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;
using IntegrityTools.Stores;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>
/// Scans stores for faults, which stream as they are found; or reads those of an earlier scan, or all that are known. What is ignored is left out
/// unless -Status asks for it. Writes nothing to a store.
/// </summary>
/// <example><code>Get-IntegrityIssue couchdb://localhost:5984/wards -Credential admin -MinimumSeverity High</code>Scans a database; asks for the password.</example>
/// <example><code>Get-IntegrityIssue app.db | Group-Object Type</code>Counts what is wrong with a SQLite database, by type.</example>
/// <example><code>Get-IntegrityIssue wards -Incremental | New-RepairPlan | Invoke-RepairPlan -WhatIf</code>Shows what a repair of what has come since the last scan would change.</example>
/// <example><code>Get-IntegrityIssue -AllStores -Status Open, Reopened</code>Reads what is known and waits, of all stores; scans nothing.</example>
[Cmdlet(VerbsCommon.Get, "IntegrityIssue", DefaultParameterSetName = StoreSet)]
[OutputType(typeof(IntegrityIssue), typeof(KnownIssue))]
public sealed class GetIntegrityIssue : ScanCmdlet
{
    private const string ResumeSet = "Resume";

    /// <summary>Only what was changed since the last scan that ended and looked for at least as much; without one, all.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    public SwitchParameter Incremental { get; set; }

    /// <summary>Only this partition of a partitioned database.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [ValidateNotNullOrEmpty]
    public string? Partition { get; set; }

    /// <summary>Takes part in the scan of that name, or begins it: each process does parts that no other does, on as many machines as you like. Gives the issues of its own parts.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [ValidateNotNullOrEmpty]
    public string? Shared { get; set; }

    /// <summary>A scan that was cut goes on, with all that it was asked for; gives what it had not found yet.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ResumeSet)]
    [ReferenceArgument("ScanReport.ScanId")]
    [ArgumentCompleter(typeof(ScanCompleter))]
    public string Resume { get; set; } = string.Empty;

    /// <summary>Requests for documents under way at one time; without it as configured.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [Parameter(ParameterSetName = ResumeSet)]
    public int? MaxConcurrentOperations { get; set; }

    /// <summary>Documents in one request; without it as configured.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [Parameter(ParameterSetName = ResumeSet)]
    public int? BatchSize { get; set; }

    /// <summary>Requests started in a second, at most; without it as configured.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [Parameter(ParameterSetName = ResumeSet)]
    public int? RequestsPerSecond { get; set; }

    /// <summary>How long a request may take without an answer; without it as configured.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [Parameter(ParameterSetName = ResumeSet)]
    public TimeSpan? Timeout { get; set; }

    /// <summary>Reads the issues that are known, whichever scan found them: of the store, without one of the default store, or of all where there is no default. Scans nothing.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    public SwitchParameter FromLedger { get; set; }

    /// <summary>Known issues of all stores, not of the default one only. Implies -FromLedger.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    public SwitchParameter AllStores { get; set; }

    /// <summary>Known issues with one of these only; without it what is open, planned or reopened. Implies -FromLedger.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [ValidateNotNullOrEmpty]
    [CodeListArgument<IssueStatus>]
    [ArgumentCompleter(typeof(CodeCompleter<IssueStatus>))]
    public string[] Status { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var place in ParameterSetName == ScanSet ? Scan : Store ?? [null!])
        {
            Run(async (output, cancellationToken) =>
            {
                await foreach (var issue in Issues(place, output, cancellationToken).ConfigureAwait(false))
                {
                    output.Write(issue);
                }
            });
        }
    }

    private IAsyncEnumerable<IntegrityIssue> Issues(string? place, PipelineOutput output, CancellationToken cancellationToken)
    {
        var filters = Filters(ParameterSetName == StoreSet ? FullStore(place) : null, output) with
        {
            Incremental = Incremental,
            Partition = Partition,
            Shared = Shared,
            Resume = ParameterSetName == ResumeSet ? Resume : null,
            Limits = new ScanLimits
            {
                MaxConcurrentOperations = MaxConcurrentOperations,
                BatchSize = BatchSize,
                RequestsPerSecond = RequestsPerSecond,
                Timeout = Timeout,
            },
        };
        return ParameterSetName == ScanSet ? Engine.ReadIssuesAsync(place!, filters, cancellationToken)
            : FromLedger || AllStores || Status.Length > 0 ? Engine.Issues.ListAsync(filters, [.. Status.Select(Enum.Parse<IssueStatus>)], cancellationToken, AllStores)
            : Engine.ScanAsync(filters, cancellationToken);
    }
}
