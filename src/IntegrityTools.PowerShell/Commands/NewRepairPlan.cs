using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Plans the repair of issues: one plan a store. Writes nothing to a store.</summary>
/// <example><code>$plan = Get-IntegrityIssue wards | Where-Object CanAutoResolve | New-RepairPlan -Strategy Auto -MaximumRisk Low</code>Plans what can be resolved without a person and discards nothing.</example>
/// <example><code>New-RepairPlan wards -Subject task-0277 -KeepRevision 2-8c4b1273a500a7e98690a58b7f69294c</code>Decides one conflict by hand: this leaf stays.</example>
[Cmdlet(VerbsCommon.New, "RepairPlan", DefaultParameterSetName = StoreSet)]
[OutputType(typeof(RepairPlan))]
public sealed class NewRepairPlan : ScanCmdlet
{
    private const string IssueSet = "Issue";

    private readonly List<PSObject> issues = [];
    private readonly List<string?> stores = [];
    private readonly List<string> scans = [];

    /// <summary>The issues to answer: objects, their ids, or operations of a plan, such as those that wait for a person. Operations are in the order in which they come, which a scan does not promise: for plans to compare name the store.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IssueSet, ValueFromPipeline = true)]
    [IssueArgument]
    public PSObject[] Issue { get; set; } = [];

    /// <summary>How conflicts are decided; without it as configured, by document type.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [CodeArgument<Strategy>]
    [ArgumentCompleter(typeof(CodeCompleter<Strategy>))]
    public string? Strategy { get; set; }

    /// <summary>Operations above it are left to a person.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [CodeArgument<Risk>]
    [ArgumentCompleter(typeof(CodeCompleter<Risk>))]
    public string? MaximumRisk { get; set; }

    /// <summary>Issues above it are left to a person.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [CodeArgument<Severity>]
    [ArgumentCompleter(typeof(CodeCompleter<Severity>))]
    public string? MaximumSeverity { get; set; }

    /// <summary>Your decision for a single issue: the revision to keep.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string? KeepRevision { get; set; }

    /// <summary>Your decision for a single issue: the document as it shall be, JSON or an object.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Document { get; set; }

    /// <summary>A backup from which rows that are gone may come back: the object, an id, a manifest, a folder, or a SQLite database.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ReferenceArgument("BackupManifest.Path")]
    [ArgumentCompleter(typeof(BackupCompleter))]
    public string? Backup { get; set; }

    /// <inheritdoc/>
    protected override string GoOnWith(string scanId) => $"{Following(base.GoOnWith(scanId))} | Out-Null; New-RepairPlan -Scan {scanId}";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case IssueSet:
                issues.AddRange(Issue);
                break;
            case ScanSet:
                scans.AddRange(Scan);
                break;
            default:
                // An id of an issue is a text, as a store's name is, and the pipeline cannot tell them apart.
                var ids = (Store ?? []).ToLookup(text => text.StartsWith(IssueArgumentAttribute.IdPrefix, StringComparison.Ordinal));
                issues.AddRange(ids[true].Select(id => new PSObject(id)));
                stores.AddRange(Store is null ? [null!] : ids[false]);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var document = ReadDocument();
        foreach (var source in Sources())
        {
            Run(async (output, cancellationToken) =>
            {
                var options = new PlanOptions
                {
                    Strategy = Strategy.ToCode<Strategy>(),
                    MaximumRisk = MaximumRisk.ToCode<Risk>(),
                    MaximumSeverity = MaximumSeverity.ToCode<Severity>(),
                    KeepRevision = KeepRevision,
                    Document = document,
                    Backup = Backup is null ? null : FullBackup(Backup),
                    Progress = output,
                    Credential = Credential.ToStoreCredential(),
                };
                foreach (var plan in await source(options, output, cancellationToken).ConfigureAwait(false))
                {
                    output.Write(plan);
                }
            });
        }
    }

    private RawJson? ReadDocument()
    {
        try
        {
            return Document is null ? null : DocumentText.Of(Document, InvokeCommand);
        }
        catch (IntegrityException failure)
        {
            ThrowTerminatingError(failure.ToErrorRecord());
            throw;
        }
    }

    /// <summary>Where issues come from; each source is planned on its own, so that one store's failure leaves the others alone.</summary>
    private IEnumerable<Func<PlanOptions, PipelineOutput, CancellationToken, Task<IReadOnlyList<RepairPlan>>>> Sources()
    {
        if (issues.Count > 0)
        {
            yield return (options, output, cancellationToken) => Engine.PlanAsync(
                IssueReferences.ReadAsync(issues, Engine, cancellationToken).MatchingAsync(Filters(null, output), cancellationToken),
                options,
                cancellationToken);
        }

        foreach (var scan in scans)
        {
            yield return (options, output, cancellationToken) =>
                Engine.PlanAsync(Filters(null, output), options with { ScanId = scan }, cancellationToken);
        }

        foreach (var store in stores)
        {
            yield return (options, output, cancellationToken) =>
                Engine.PlanAsync(Filters(FullStore(store), output), options, cancellationToken);
        }
    }
}
