using System.Text.Json;
using IntegrityTools.CouchDb.Json;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>Holds texts, numbers and the types of values against their rules.</summary>
internal static class ValueCheck
{
    /// <summary>True when the value fits.</summary>
    public static bool Fits(ValueRules rules, JsonElement value, SchemaFaults faults)
    {
        var right = rules.Types is null || HasType(rules.Types, value) || faults.Fail("type", string.Join(" or ", rules.Types), value);
        right &= rules.Enum is null || rules.Enum.Contains(value) || faults.Fail("enum", "one of the listed values", value);
        right &= rules.Const is not { } constant || JsonValueComparer.Instance.Equals(constant, value) || faults.Fail("const", constant.GetRawText(), value);
        if (value.ValueKind == JsonValueKind.Number)
        {
            right &= Numbers(rules, value, faults);
        }
        else if (value.ValueKind == JsonValueKind.String && (rules.MinLength ?? rules.MaxLength) is var bound && (bound is not null || rules.Pattern is not null))
        {
            var text = JsonEquality.Text(value);
            var length = bound is null ? 0 : text.Length - text.Where((letter, index) => char.IsLowSurrogate(letter) && index > 0 && char.IsHighSurrogate(text[index - 1])).Count();
            right &= !(length < rules.MinLength) || faults.Fail("minLength", SchemaFaults.Text($"{rules.MinLength} characters or more"), value);
            right &= !(length > rules.MaxLength) || faults.Fail("maxLength", SchemaFaults.Text($"{rules.MaxLength} characters at most"), value);
            right &= rules.Pattern is null || rules.Pattern.IsIn(text) || faults.Fail("pattern", "a text that fits the pattern", value);
        }

        return right;
    }

    private static bool Numbers(ValueRules rules, JsonElement value, SchemaFaults faults)
    {
        if ((rules.Minimum ?? rules.Maximum ?? rules.ExclusiveMinimum ?? rules.ExclusiveMaximum ?? rules.MultipleOf) is null)
        {
            return true;
        }

        var number = JsonNumber.Of(value);
        return (rules.Minimum is not { } minimum || number.CompareTo(minimum) >= 0 || faults.Fail("minimum", "a larger number", value))
            & (rules.Maximum is not { } maximum || number.CompareTo(maximum) <= 0 || faults.Fail("maximum", "a smaller number", value))
            & (rules.ExclusiveMinimum is not { } above || number.CompareTo(above) > 0 || faults.Fail("exclusiveMinimum", "a larger number", value))
            & (rules.ExclusiveMaximum is not { } below || number.CompareTo(below) < 0 || faults.Fail("exclusiveMaximum", "a smaller number", value))
            & (rules.MultipleOf is not { } step || number.IsMultipleOf(step) || faults.Fail("multipleOf", "a multiple", value));
    }

    private static bool HasType(HashSet<string> types, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => types.Contains("object"),
        JsonValueKind.Array => types.Contains("array"),
        JsonValueKind.String => types.Contains("string"),
        JsonValueKind.Null => types.Contains("null"),
        JsonValueKind.Number => types.Contains("number") || (types.Contains("integer") && (value.TryGetInt64(out _) || JsonNumber.Of(value).IsInteger)),
        _ => types.Contains("boolean"),
    };
}
