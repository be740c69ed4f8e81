using System.Management.Automation;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>A plan as the user names it: the object, or an id.</summary>
internal static class PlanReference
{
    private static readonly string[] IdProperties = ["Plan", "PlanId", "Id"];

    /// <summary>The plan.</summary>
    /// <exception cref="IntegrityException">The ledger has no such plan.</exception>
    public static async Task<RepairPlan> ResolveAsync(object reference, IntegrityEngine engine, CancellationToken cancellationToken)
    {
        var value = PSObject.AsPSObject(reference);
        if (value.BaseObject is RepairPlan plan)
        {
            return plan;
        }

        // What came back from a job or a file has lost its type; its id leads to the ledger's copy.
        var id = value.BaseObject as string ?? IdProperties.Select(name => value.Properties[name]?.Value?.ToString()).FirstOrDefault(found => found is not null);
        return await engine.GetPlanAsync(id ?? value.ToString(), cancellationToken).ConfigureAwait(false);
    }
}
