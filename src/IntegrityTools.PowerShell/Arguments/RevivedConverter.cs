using System.Management.Automation;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>
/// Makes values of enums of an object that came back from a file, a job or another machine, where they are names: so that they compare by rank again, as
/// in <c>Severity -GE High</c>, rather than by letters.
/// </summary>
public sealed class RevivedConverter : PSTypeConverter
{
    private const string Prefix = "Deserialized.";

    /// <inheritdoc/>
    public override bool CanConvertFrom(object sourceValue, Type destinationType) => sourceValue is PSObject;

    /// <inheritdoc/>
    public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase)
    {
        var revived = PSObject.AsPSObject(sourceValue);
        var type = typeof(IntegrityEngine).Assembly.GetType(revived.TypeNames[0][Prefix.Length..]);
        foreach (var property in type?.GetProperties() ?? [])
        {
            if (Revived.EnumOf(property.PropertyType) is { } values && revived.Properties[property.Name] is { Value: { } name } shown && Enum.TryParse(values, name.ToString(), ignoreCase: true, out var value))
            {
                shown.Value = value;
            }
        }

        return revived;
    }

    /// <inheritdoc/>
    public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

    /// <inheritdoc/>
    public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) => throw new NotSupportedException();
}
