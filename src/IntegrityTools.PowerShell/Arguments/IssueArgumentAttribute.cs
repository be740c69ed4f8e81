using System.Management.Automation;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>Takes issues, also those that came back from a job or a file; anything else is left to other parameters.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IssueArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        // An array of the parameter's own type, so that the pipeline binds it before a property of the issue's to another parameter.
        var all = inputData is object[] many ? many : [inputData!];
        return all.All(IsIssue) ? all.Select(PSObject.AsPSObject).ToArray() : inputData;
    }

    private static bool IsIssue(object? input) => input is not null
        && PSObject.AsPSObject(input).TypeNames.Any(name => name.EndsWith('.' + nameof(IntegrityIssue), StringComparison.Ordinal));
}
