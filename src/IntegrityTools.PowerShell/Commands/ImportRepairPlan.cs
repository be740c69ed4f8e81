using System.Collections.ObjectModel;
using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Reads a plan from a file into the ledger. One that was changed by hand is refused, unless its changes are accepted.</summary>
/// <example><code>Import-RepairPlan plan.json | Invoke-RepairPlan -WhatIf</code>Reads a plan that was made on another machine and shows what it would change.</example>
/// <example><code>Import-RepairPlan plan.json -AcceptChanges</code>Takes a plan that was changed by hand, under a new id; what was changed is recorded.</example>
[Cmdlet(VerbsData.Import, "RepairPlan")]
[OutputType(typeof(RepairPlan))]
public sealed class ImportRepairPlan : EngineCmdlet
{
    /// <summary>The file, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Takes changes made by hand: the plan gets a new id, and the ledger keeps what changed.</summary>
    [Parameter]
    public SwitchParameter AcceptChanges { get; set; }

    /// <inheritdoc/>
    protected override bool FailureEndsPipeline => true;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var file in Path.SelectMany(Files))
        {
            Run(async (output, cancellationToken) =>
                output.Write(await Engine.ImportPlanAsync(file, AcceptChanges, record: true, cancellationToken).ConfigureAwait(false)));
        }
    }

    private Collection<string> Files(string path) =>
        WildcardPattern.ContainsWildcardCharacters(path) ? GetResolvedProviderPathFromPSPath(path, out _) : [FullPath(path)];
}
