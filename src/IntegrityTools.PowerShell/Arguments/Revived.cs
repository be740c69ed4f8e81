using System.Management.Automation.Runspaces;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>
/// How the engine's objects leave a session, to a file, a job or another machine, and come back. Values of enums leave as names: a number says nothing
/// where the module is not loaded. Where it is, <see cref="RevivedConverter"/> makes them what they were.
/// </summary>
public static class Revived
{
    /// <summary>What a session has to know of the types; the module's script hands it over.</summary>
    public static IReadOnlyList<TypeData> Types { get; } =
    [
        // Not by its attribute: PowerShell looks for an attribute's type among the assemblies that are not a module's own.
        new TypeData(typeof(Revived).FullName!) { TypeConverter = typeof(RevivedConverter) },
        .. typeof(RepairPlan).Assembly.GetExportedTypes().Where(type => type.IsEnum)
            .Select(type => new TypeData(type.FullName!) { SerializationMethod = "String" }),
        .. typeof(RepairPlan).Assembly.GetExportedTypes().Where(type => type is { IsClass: true, FullName: not null } && type.GetProperties().Any(property => EnumOf(property.PropertyType) is not null))
            .Select(type => new TypeData("Deserialized." + type.FullName) { TargetTypeForDeserialization = typeof(Revived) }),
    ];

    /// <summary>The enum that a property's values are of; null: of none.</summary>
    internal static Type? EnumOf(Type property) => (Nullable.GetUnderlyingType(property) ?? property) is { IsEnum: true } values ? values : null;
}
