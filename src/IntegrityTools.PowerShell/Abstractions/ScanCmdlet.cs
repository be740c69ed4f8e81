using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>A cmdlet about what scans find: in stores that are scanned now, or in scans that the ledger has; with the same filters for both.</summary>
public abstract class ScanCmdlet : EngineCmdlet
{
    /// <summary>The set of parameters for scanning now.</summary>
    protected const string StoreSet = "Store";

    /// <summary>The set of parameters for an earlier scan.</summary>
    protected const string ScanSet = "Scan";

    private ScanReport? scan;

    /// <summary>A configured name, an address or a path; without it the default store.</summary>
    [Parameter(Position = 0, ParameterSetName = StoreSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string[]? Store { get; set; }

    /// <summary>An earlier scan, whose issues are read from the ledger.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ScanSet, ValueFromPipeline = true)]
    [ReferenceArgument("ScanReport.ScanId", "SummaryReport.ScanId")]
    [ArgumentCompleter(typeof(ScanCompleter))]
    public string[] Scan { get; set; } = [];

    /// <summary>Issue types or groups; without it all that is known and configured.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(IssueTypeCompleter))]
    public string[] Type { get; set; } = [];

    /// <summary>Issues below it are left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [CodeArgument<Severity>]
    [ArgumentCompleter(typeof(CodeCompleter<Severity>))]
    public string? MinimumSeverity { get; set; }

    /// <summary>Only documents of these types.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] DocumentType { get; set; } = [];

    /// <summary>Only these subjects, such as documents' ids.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SubjectCompleter))]
    public string[] Subject { get; set; } = [];

    /// <summary>Name and password for the store.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>The filters, for a store or for an earlier scan.</summary>
    /// <param name="store">The store; null for the default one, or when an earlier scan is meant.</param>
    /// <param name="output">The pipeline.</param>
    protected ScanOptions Filters(string? store, PipelineOutput output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return new ScanOptions
        {
            Store = store,
            Credential = Credential.ToStoreCredential(),
            Types = Type,
            MinimumSeverity = MinimumSeverity.ToCode<Severity>() ?? Severity.Info,
            DocumentTypes = DocumentType,
            Subjects = Subject,
            Progress = output,
            ReportChanged = report => Tell(report, output),
        };
    }

    /// <summary>How a scan that was stopped is gone on with.</summary>
    protected virtual string GoOnWith(string scanId) => $"Get-IntegrityIssue -Resume {scanId}";

    /// <inheritdoc/>
    protected override void Interrupted()
    {
        if (StoppedByUser && scan is { CanResume: true })
        {
            WarnAlways($"The scan {scan.ScanId} was stopped. Go on with: {Following(GoOnWith(scan.ScanId))}");
        }
    }

    private void Tell(ScanReport report, PipelineOutput output)
    {
        scan = report;
        output.Tell($"{report.ScanId}: {report.Status}, {Counted.Of(report.Documents, report.Unit)}, {Counted.Of(report.Issues, "issue")}{(report.Ignored > 0 ? $", {Counted.Number(report.Ignored)} ignored and left out" : string.Empty)}, {report.DurationMs} ms.");
        if (report.EndedAt is null)
        {
            return;
        }

        if (Type.Length == 0 && report.DescribeNotLookedFor() is { } left)
        {
            output.Tell($"Not looked for: {left}; -Type All looks for everything.");
        }

        foreach (var remark in report.Remarks)
        {
            output.Warn(remark);
        }
    }
}
