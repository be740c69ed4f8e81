using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Ignores issues until a day, for a reason, or reopens them. Scans and plans leave out what is ignored. Writes to the ledger only.</summary>
/// <example><code>Get-IntegrityIssue -FromLedger wards -Subject task-0277 | Set-IntegrityIssue -Ignore -Reason 'Both are meant' -Until 2027-01-31</code>Scans and plans leave the issue out until that day.</example>
/// <example><code>Get-IntegrityIssue -FromLedger -Status Ignored | Set-IntegrityIssue -Reopen</code>Looks at all of them again.</example>
[Cmdlet(VerbsCommon.Set, "IntegrityIssue", DefaultParameterSetName = IgnoreSet, SupportsShouldProcess = true)]
[OutputType(typeof(KnownIssue))]
public sealed class SetIntegrityIssue : EngineCmdlet
{
    private const string IgnoreSet = "Ignore";
    private const string ReopenSet = "Reopen";

    private readonly List<string> ids = [];

    /// <summary>The issues: objects, or ids.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ReferenceArgument("IntegrityIssue.Id")]
    [ArgumentCompleter(typeof(IssueCompleter))]
    public string[] Id { get; set; } = [];

    /// <summary>Leaves them out of scans and plans from now on.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IgnoreSet)]
    public SwitchParameter Ignore { get; set; }

    /// <summary>Wants them dealt with after all.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ReopenSet)]
    public SwitchParameter Reopen { get; set; }

    /// <summary>Why, for whoever comes later.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IgnoreSet)]
    [Parameter(ParameterSetName = ReopenSet)]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <summary>Until when they are ignored; after it they are reopened.</summary>
    [Parameter(Mandatory = true, ParameterSetName = IgnoreSet)]
    public DateTimeOffset Until { get; set; }

    /// <summary>Writes the issues as they then stand.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override bool FailureEndsPipeline => true;

    /// <inheritdoc/>
    protected override void ProcessRecord() => ids.AddRange(
        Id.Where(id => ShouldProcess(id, Reopen ? "Reopen" : $"Ignore until {Until.LocalDateTime:yyyy-MM-dd HH:mm}: {Reason}")));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ids.Count == 0)
        {
            return;
        }

        Run(async (output, cancellationToken) =>
        {
            var changed = Reopen
                ? await Engine.Issues.ReopenAsync(ids, Reason, cancellationToken).ConfigureAwait(false)
                : await Engine.Issues.IgnoreAsync(ids, Reason!, Until, cancellationToken).ConfigureAwait(false);
            foreach (var issue in PassThru ? changed : [])
            {
                output.Write(issue);
            }
        });
    }
}
