using System.Management.Automation;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>
/// Takes an enum's snake_case code as well as PowerShell's own spelling: <c>latest_wins</c> and <c>LatestWins</c>. The parameter is a
/// string, since PowerShell completes enums by itself, without a word on what the values mean.
/// </summary>
/// <typeparam name="T">The enum.</typeparam>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CodeArgumentAttribute<T> : ArgumentTransformationAttribute
    where T : struct, Enum
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var text = inputData?.ToString();
        return text is null ? null
            : Codes.TryParse<T>(text, out var value) ? value.ToString()
            : throw new ArgumentTransformationMetadataException($"'{text}' is not one of: {string.Join(", ", Enum.GetNames<T>())}.");
    }
}
