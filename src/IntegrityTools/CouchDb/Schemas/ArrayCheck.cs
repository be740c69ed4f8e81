using System.Text.Json;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>Holds arrays against their rules.</summary>
internal static class ArrayCheck
{
    /// <summary>True when the array fits.</summary>
    public static bool Fits(ArrayRules rules, JsonElement value, Evaluated? seen, SchemaRun run, SchemaFaults faults)
    {
        var length = value.GetArrayLength();
        var right = !(length < rules.MinItems) || faults.Fail("minItems", SchemaFaults.Text($"{rules.MinItems} elements or more"), value);
        right &= !(length > rules.MaxItems) || faults.Fail("maxItems", SchemaFaults.Text($"{rules.MaxItems} elements at most"), value);
        right &= !rules.Unique || value.EnumerateArray().ToHashSet(JsonValueComparer.Instance).Count == length || faults.Fail("uniqueItems", "no element twice", value);
        var found = 0L;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if ((index < rules.Prefix.Length ? rules.Prefix[index] : rules.Rest) is { } node)
            {
                right = (right || faults.Collects) && run.Below(node, item, faults.At(index)) && right;
            }

            if (rules.Contains is { } wanted && run.BelowQuietly(wanted, item))
            {
                found++;
                if (rules.ContainsEvaluates)
                {
                    seen?.Add(index);
                }
            }

            index++;
        }

        seen?.AddFirst(rules.Rest is null ? Math.Min(rules.Prefix.Length, length) : length);
        return right
            & (rules.Contains is null || found >= rules.MinContains || faults.Fail("contains", SchemaFaults.Text($"{rules.MinContains} such elements or more"), value))
            & (rules.Contains is null || !(found > rules.MaxContains) || faults.Fail("maxContains", SchemaFaults.Text($"{rules.MaxContains} such elements at most"), value));
    }
}
