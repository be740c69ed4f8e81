using System.Management.Automation;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>
/// Takes issues, whole or in part, also those that came back from a job or a file, their ids, and operations of a plan; anything else is left to other
/// parameters. A part is taken as well, so that what it lacks can be told: its store alone would stand for all that the store has.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IssueArgumentAttribute : ArgumentTransformationAttribute
{
    /// <summary>How the id of every issue begins.</summary>
    public const string IdPrefix = "issue-";

    private static readonly string[] TypeNames = [nameof(IntegrityIssue), nameof(RepairOperation)];

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        // An array of the parameter's own type, so that the pipeline binds it before a property of the issue's to another parameter.
        var all = inputData is object[] many ? many : [inputData!];
        return all.All(IsIssue) ? all.Select(PSObject.AsPSObject).ToArray() : inputData;
    }

    private static bool IsIssue(object? input)
    {
        if (input is null)
        {
            return false;
        }

        var value = PSObject.AsPSObject(input);
        return value.BaseObject is string text ? text.StartsWith(IdPrefix, StringComparison.Ordinal)
            : value.TypeNames.Any(name => TypeNames.Contains(name[(name.LastIndexOf('.') + 1)..]))
                || (value.BaseObject is PSCustomObject && value.Properties[nameof(IntegrityIssue.Subject)] is not null);
    }
}
