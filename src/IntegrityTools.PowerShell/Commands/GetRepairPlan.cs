using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Reads plans from the ledger, newest first.</summary>
/// <example><code>Get-RepairPlan | Select-Object -First 1 | Invoke-RepairPlan -WhatIf</code>Shows what the newest plan would change.</example>
[Cmdlet(VerbsCommon.Get, "RepairPlan")]
[OutputType(typeof(RepairPlan))]
public sealed class GetRepairPlan : LedgerListCmdlet
{
    /// <summary>Ids of plans of any store, with wildcards; without it all of the store.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("PlanId")]
    [ArgumentCompleter(typeof(PlanCompleter))]
    [SupportsWildcards]
    public string[] Id { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            Run(async (output, cancellationToken) =>
            {
                var ids = WildcardPattern.ContainsWildcardCharacters(id)
                    ? (await Engine.ListPlansAsync(FullStore(Store), OfAllStores, cancellationToken).ConfigureAwait(false)).Select(plan => plan.Id).Matching(id)
                    : [id];
                foreach (var one in ids)
                {
                    output.Write(await Engine.GetPlanAsync(one, cancellationToken).ConfigureAwait(false));
                }
            });
        }
    }
}
