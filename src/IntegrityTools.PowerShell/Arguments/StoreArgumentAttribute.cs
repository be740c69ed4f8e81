using System.Management.Automation;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>Takes a configured name, an address or a path; also an object of Get-IntegrityStore, or a file.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class StoreArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => inputData switch
    {
        null or string => inputData,
        object[] many => many.Select(one => One(one) ?? one).ToArray(),
        _ => One(inputData) ?? inputData,
    };

    private static string? One(object? input)
    {
        if (input is null)
        {
            return null;
        }

        var value = PSObject.AsPSObject(input);
        if (value.BaseObject is FileInfo file)
        {
            return file.FullName;
        }

        // A name is better than its address: it brings the configured password along.
        return value.TypeNames.Any(name => name.EndsWith(".StoreDescriptor", StringComparison.Ordinal))
            ? (value.Properties["Name"]?.Value ?? value.Properties["Address"]?.Value)?.ToString()
            : null;
    }
}
