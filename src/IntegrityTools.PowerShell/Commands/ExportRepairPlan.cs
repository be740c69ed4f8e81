using System.Management.Automation;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;
using IntegrityTools.Repair;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Writes a plan to a JSON file, to be read, kept or taken to another machine.</summary>
/// <example>
/// <code>
/// $plan = Get-IntegrityIssue wards | New-RepairPlan
/// $plan | Export-RepairPlan -Destination plan.json
/// </code>
/// Writes the plan to a file, for a colleague to read or another machine to run.
/// </example>
[Cmdlet(VerbsData.Export, "RepairPlan")]
[OutputType(typeof(FileInfo))]
public sealed class ExportRepairPlan : EngineCmdlet
{
    /// <summary>The plan, or its id.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PlanId")]
    [ArgumentCompleter(typeof(PlanCompleter))]
    public object[] Plan { get; set; } = [];

    /// <summary>The file to write; in a folder that exists, the plan's id is the name.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("Path")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>Writes over a file that exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the file's object to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override bool FailureEndsPipeline => true;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var reference in Plan)
        {
            Run(async (output, cancellationToken) =>
            {
                var plan = await PlanReference.ResolveAsync(reference, Engine, cancellationToken).ConfigureAwait(false);
                var path = await PlanFile.ExportAsync(plan, FullPath(Destination), Force, cancellationToken).ConfigureAwait(false);
                if (PassThru)
                {
                    output.Write(new FileInfo(path));
                }
            });
        }
    }
}
