using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Scans stores for faults, which stream as they are found; or reads those of an earlier scan. Writes nothing to a store.</summary>
[Cmdlet(VerbsCommon.Get, "IntegrityIssue", DefaultParameterSetName = StoreSet)]
[OutputType(typeof(IntegrityIssue))]
public sealed class GetIntegrityIssue : EngineCmdlet
{
    private const string StoreSet = "Store";
    private const string ScanSet = "Scan";

    /// <summary>A configured name, an address or a path; without it the default store.</summary>
    [Parameter(Position = 0, ParameterSetName = StoreSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string[]? Store { get; set; }

    /// <summary>An earlier scan, whose issues are read from the ledger.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ScanSet, ValueFromPipeline = true)]
    [ReferenceArgument("ScanReport.ScanId")]
    [ArgumentCompleter(typeof(ScanCompleter))]
    public string[] Scan { get; set; } = [];

    /// <summary>Issue types or groups; without it all.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(IssueTypeCompleter))]
    public string[] Type { get; set; } = [];

    /// <summary>Issues below it are left out.</summary>
    [Parameter]
    [CodeArgument<Severity>]
    [ArgumentCompleter(typeof(CodeCompleter<Severity>))]
    public string? MinimumSeverity { get; set; }

    /// <summary>Only documents of these types.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] DocumentType { get; set; } = [];

    /// <summary>Only these subjects, such as documents' ids.</summary>
    [Parameter]
    public string[] Subject { get; set; } = [];

    /// <summary>Name and password for the store.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var fromLedger = ParameterSetName == ScanSet;
        foreach (var place in fromLedger ? Scan : Store ?? [null!])
        {
            Run(async (output, cancellationToken) =>
            {
                var options = Options(fromLedger ? null : FullStore(place), output);
                var issues = fromLedger
                    ? Engine.ReadIssuesAsync(place, options, cancellationToken)
                    : Engine.ScanAsync(options, cancellationToken);
                await foreach (var issue in issues.WithCancellation(cancellationToken).ConfigureAwait(false))
                {
                    output.Write(issue);
                }
            });
        }
    }

    private ScanOptions Options(string? store, PipelineOutput output) => new()
    {
        Store = store,
        Credential = Credential.ToStoreCredential(),
        Types = Type,
        MinimumSeverity = MinimumSeverity.ToCode<Severity>() ?? Severity.Info,
        DocumentTypes = DocumentType,
        Subjects = Subject,
        Progress = output,
        ReportChanged = report => output.Tell(
            $"{report.ScanId}: {report.Status}, {report.Documents} documents, {report.Issues} issues, {report.DurationMs} ms."),
    };
}
