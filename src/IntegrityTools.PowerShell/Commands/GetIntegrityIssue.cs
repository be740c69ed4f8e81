using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;
using IntegrityTools.Stores;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Scans stores for faults, which stream as they are found; or reads those of an earlier scan. Writes nothing to a store.</summary>
[Cmdlet(VerbsCommon.Get, "IntegrityIssue", DefaultParameterSetName = StoreSet)]
[OutputType(typeof(IntegrityIssue))]
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

    /// <summary>A scan that was cut goes on, with all that it was asked for; gives what it had not found yet.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ResumeSet)]
    [ReferenceArgument("ScanReport.ScanId")]
    [ArgumentCompleter(typeof(ScanCompleter))]
    public string Resume { get; set; } = string.Empty;

    /// <summary>Requests under way at one time; without it as configured.</summary>
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

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var fromLedger = ParameterSetName == ScanSet;
        var resume = ParameterSetName == ResumeSet ? Resume : null;
        foreach (var place in fromLedger ? Scan : Store ?? [null!])
        {
            Run(async (output, cancellationToken) =>
            {
                var filters = Filters(fromLedger || resume is not null ? null : FullStore(place), output) with
                {
                    Incremental = Incremental,
                    Partition = Partition,
                    Resume = resume,
                    Limits = new ScanLimits
                    {
                        MaxConcurrentOperations = MaxConcurrentOperations,
                        BatchSize = BatchSize,
                        RequestsPerSecond = RequestsPerSecond,
                        Timeout = Timeout,
                    },
                };
                var issues = fromLedger
                    ? Engine.ReadIssuesAsync(place, filters, cancellationToken)
                    : Engine.ScanAsync(filters, cancellationToken);
                await foreach (var issue in issues.WithCancellation(cancellationToken).ConfigureAwait(false))
                {
                    output.Write(issue);
                }
            });
        }
    }
}
