using System.Management.Automation;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>Takes an id, or an object of certain types, whose property holds the id; anything else is left to other parameters.</summary>
/// <param name="references">Pairs of a type's name, without namespace, and the property that holds the id: <c>ScanReport.ScanId</c>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ReferenceArgumentAttribute(params string[] references) : ArgumentTransformationAttribute
{
    private readonly Dictionary<string, string> properties = references
        .Select(reference => reference.Split('.'))
        .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => inputData switch
    {
        null or string => inputData,
        object[] many => many.Select(one => One(one) ?? one).ToArray(),
        _ => One(inputData) ?? inputData,
    };

    private string? One(object? input)
    {
        if (input is null)
        {
            return null;
        }

        // By name, so that what came back from a job or a file, "Deserialized.…", is known too.
        var value = PSObject.AsPSObject(input);
        return value.TypeNames
            .Select(name => properties.GetValueOrDefault(name[(name.LastIndexOf('.') + 1)..]))
            .OfType<string>()
            .Select(property => value.Properties[property]?.Value?.ToString())
            .FirstOrDefault(id => !string.IsNullOrEmpty(id));
    }
}
