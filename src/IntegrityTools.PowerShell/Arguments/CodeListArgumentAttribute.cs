using System.Management.Automation;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>As <see cref="CodeArgumentAttribute{T}"/>, for parameters that take several.</summary>
/// <typeparam name="T">The enum.</typeparam>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CodeListArgumentAttribute<T> : ArgumentTransformationAttribute
    where T : struct, Enum
{
    private readonly CodeArgumentAttribute<T> one = new();

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => inputData is object[] many
        ? many.Select(value => one.Transform(engineIntrinsics, value)).ToArray()
        : one.Transform(engineIntrinsics, inputData);
}
