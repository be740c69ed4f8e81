using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>Holds objects against their rules.</summary>
internal static class ObjectCheck
{
    /// <summary>True when the object fits.</summary>
    public static bool Fits(ObjectRules rules, JsonElement value, Evaluated? seen, SchemaRun run, SchemaFaults faults)
    {
        var right = true;
        foreach (var name in rules.Required)
        {
            right &= DocumentFields.Member(value, name) is not null || faults.Fail("required", "a value", null, faults.Path.Member(name));
        }

        foreach (var (name, required) in rules.DependentRequired)
        {
            right &= DocumentFields.Member(value, name) is null
                || Array.TrueForAll(required, other => DocumentFields.Member(value, other) is not null || faults.Fail("dependentRequired", $"a value, since {name} is there", null, faults.Path.Member(other)));
        }

        foreach (var (name, node) in rules.DependentSchemas)
        {
            right &= DocumentFields.Member(value, name) is null || run.Apply(node, value, seen);
        }

        if (rules.MinProperties is not null || rules.MaxProperties is not null)
        {
            var count = run.Members(value).Select(member => member.Name).Distinct(StringComparer.Ordinal).Count();
            right &= !(count < rules.MinProperties) || faults.Fail("minProperties", SchemaFaults.Text($"{rules.MinProperties} members or more"), value);
            right &= !(count > rules.MaxProperties) || faults.Fail("maxProperties", SchemaFaults.Text($"{rules.MaxProperties} members at most"), value);
        }

        if (rules.LooksAtAll)
        {
            foreach (var member in value.EnumerateObject())
            {
                right = (right || faults.Collects) && Member(rules, member, seen, run, faults) && right;
            }
        }

        if (rules.Additional is not null)
        {
            seen?.AddAllMembers();
        }

        return right;
    }

    private static bool Member(ObjectRules rules, JsonProperty member, Evaluated? seen, SchemaRun run, SchemaFaults faults)
    {
        var name = JsonEquality.Name(member);
        var right = true;
        var known = rules.Properties.TryGetValue(name, out var property);
        if (known)
        {
            seen?.Add(name);
            right = run.Below(property!, member.Value, faults.At(name));
        }

        if (run.Hides && CouchMembers.IsReserved(name))
        {
            return right;
        }

        foreach (var (pattern, node) in rules.Patterns)
        {
            if (pattern.IsIn(name))
            {
                known = true;
                seen?.Add(name);
                right &= run.Below(node, member.Value, faults.At(name));
            }
        }

        if (!known && rules.Additional is { } additional)
        {
            right &= run.Below(additional, member.Value, faults.At(name));
        }

        if (rules.Names is { } names)
        {
            using var text = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(name, Validation.TextJson.Default.String));
            right &= run.Below(names, text.RootElement, faults.At(name));
        }

        return right;
    }
}
