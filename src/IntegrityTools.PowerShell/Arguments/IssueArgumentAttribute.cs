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
        object?[] all = inputData is object[] many ? many : [inputData];
        return all.All(IsIssue)
            ? inputData
            : throw new ArgumentTransformationMetadataException("This is no issue: give what Get-IntegrityIssue writes.");
    }

    private static bool IsIssue(object? input) => input is not null
        && PSObject.AsPSObject(input).TypeNames.Any(name => name.EndsWith('.' + nameof(IntegrityIssue), StringComparison.Ordinal));
}
