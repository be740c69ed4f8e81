using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>Holds one value against a schema: once to know whether it fits, once more to tell where it does not.</summary>
/// <param name="compiler">Compiles what a dynamic reference leads to.</param>
/// <param name="isDocument">True for a document of CouchDB: its own members there (<c>_id</c> and so on) are seen by keywords that name them only.</param>
/// <param name="faults">Receives where the value does not fit; null: only whether it does is asked.</param>
internal sealed class SchemaRun(SchemaCompiler compiler, bool isDocument, List<SchemaViolation>? faults)
{
    private const int MostFaults = 1000;
    private const int MostInPlace = 250;
    private readonly List<SchemaResource> scope = [];
    private FieldPath path = FieldPath.Root;
    private int depth;
    private int inPlace;
    private int quiet;

    /// <summary>True when the value fits.</summary>
    /// <exception cref="SchemaException">A reference never ends, or a pattern takes too long.</exception>
    public bool Fits(SchemaNode node, JsonElement value, bool strict)
    {
        var seen = strict ? new Evaluated() : null;
        if (!Apply(node, value, seen))
        {
            return false;
        }

        var right = true;
        foreach (var (name, _) in strict ? Members(value) : [])
        {
            right &= seen!.Has(name) || Fail("strict_mode", "no such field: the schema does not name it", DocumentFields.Member(value, name), path.Member(name));
        }

        return right;
    }

    private bool Collects => faults is not null && quiet == 0 && faults.Count < MostFaults;

    private bool Apply(SchemaNode node, JsonElement value, Evaluated? outer)
    {
        if (node.Never)
        {
            return Fail("false", "nothing", value);
        }

        if (++inPlace > MostInPlace)
        {
            throw new SchemaException("a reference in it leads back to itself without end");
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
        var enters = scope.Count == 0 || !ReferenceEquals(scope[^1], node.Resource);
        if (enters)
        {
            scope.Add(node.Resource);
        }

        var seen = outer is not null || node.UnevaluatedProperties is not null || node.UnevaluatedItems is not null ? new Evaluated() : null;
        var right = Check(node, value, seen);
        if (right && outer is not null)
        {
            outer.Add(seen!);
        }

        if (enters)
        {
            scope.RemoveAt(scope.Count - 1);
        }

        inPlace--;
        return right;
    }

    private bool Check(SchemaNode node, JsonElement value, Evaluated? seen)
    {
        var right = node.Values is null || Values(node.Values, value);
        foreach (var reference in node.References)
        {
            right = (right || Collects) && Apply(Target(reference), value, seen) && right;
        }

        foreach (var part in node.AllOf)
        {
            right = (right || Collects) && Apply(part, value, seen) && right;
        }

        right = (right || Collects) && Branches(node, value, seen) && right;
        if (value.ValueKind == JsonValueKind.Object && node.Objects is { } objects)
        {
            right = (right || Collects) && Objects(objects, value, seen) && right;
        }
        else if (value.ValueKind == JsonValueKind.Array && node.Arrays is { } arrays)
        {
            right = (right || Collects) && Arrays(arrays, value, seen) && right;
        }

        return right && Unevaluated(node, value, seen);
    }

    private SchemaNode Target(SchemaReference reference)
    {
        if (reference.DynamicAnchor is { } anchor)
        {
            foreach (var resource in scope)
            {
                if (resource.DynamicAnchors.TryGetValue(anchor, out var place))
                {
                    return compiler.Compile(place);
                }
            }
        }

        return reference.Target;
    }

    private bool Branches(SchemaNode node, JsonElement value, Evaluated? seen)
    {
        var right = node.AnyOf is not { } any || Count(any, value, seen, seen is null ? 1 : int.MaxValue) > 0 || Fail("anyOf", "one of several forms", value);
        if (node.OneOf is { } one && Count(one, value, seen, enough: 2) is var count && count != 1)
        {
            right = Fail("oneOf", count == 0 ? "one of several forms" : "only one of several forms", value);
        }

        if (node.Not is { } not && Quietly(not, value, null))
        {
            right = Fail("not", "another form", value);
        }

        if (node.If is { } condition && (Quietly(condition, value, seen) ? node.Then : node.Else) is { } branch)
        {
            right = Apply(branch, value, seen) && right;
        }

        return right;
    }

    private int Count(SchemaNode[] nodes, JsonElement value, Evaluated? seen, int enough)
    {
        var count = 0;
        foreach (var node in nodes)
        {
            count += Quietly(node, value, seen) ? 1 : 0;
            if (count >= enough)
            {
                break;
            }
        }

        return count;
    }

    private bool Quietly(SchemaNode node, JsonElement value, Evaluated? seen)
    {
        quiet++;
        var right = Apply(node, value, seen);
        quiet--;
        return right;
    }

    private bool Values(ValueRules rules, JsonElement value)
    {
        var right = rules.Types is null || HasType(rules.Types, value) || Fail("type", string.Join(" or ", rules.Types), value);
        right &= rules.Enum is null || rules.Enum.Contains(value) || Fail("enum", "one of the listed values", value);
        right &= rules.Const is not { } constant || JsonValueComparer.Instance.Equals(constant, value) || Fail("const", constant.GetRawText(), value);
        if (value.ValueKind == JsonValueKind.Number)
        {
            right &= Numbers(rules, value);
        }
        else if (value.ValueKind == JsonValueKind.String && (rules.MinLength ?? rules.MaxLength) is var bound && (bound is not null || rules.Pattern is not null))
        {
            var text = JsonEquality.Text(value);
            var length = bound is null ? 0 : text.Length - text.Where((letter, index) => char.IsLowSurrogate(letter) && index > 0 && char.IsHighSurrogate(text[index - 1])).Count();
            right &= !(length < rules.MinLength) || Fail("minLength", Text($"{rules.MinLength} characters or more"), value);
            right &= !(length > rules.MaxLength) || Fail("maxLength", Text($"{rules.MaxLength} characters at most"), value);
            right &= rules.Pattern is null || rules.Pattern.IsIn(text) || Fail("pattern", "a text that fits the pattern", value);
        }

        return right;
    }

    private bool Numbers(ValueRules rules, JsonElement value)
    {
        if ((rules.Minimum ?? rules.Maximum ?? rules.ExclusiveMinimum ?? rules.ExclusiveMaximum ?? rules.MultipleOf) is null)
        {
            return true;
        }

        var number = JsonNumber.Of(value);
        return (rules.Minimum is not { } minimum || number.CompareTo(minimum) >= 0 || Fail("minimum", "a larger number", value))
            & (rules.Maximum is not { } maximum || number.CompareTo(maximum) <= 0 || Fail("maximum", "a smaller number", value))
            & (rules.ExclusiveMinimum is not { } above || number.CompareTo(above) > 0 || Fail("exclusiveMinimum", "a larger number", value))
            & (rules.ExclusiveMaximum is not { } below || number.CompareTo(below) < 0 || Fail("exclusiveMaximum", "a smaller number", value))
            & (rules.MultipleOf is not { } step || number.IsMultipleOf(step) || Fail("multipleOf", "a multiple", value));
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

    private bool Objects(ObjectRules rules, JsonElement value, Evaluated? seen)
    {
        var right = true;
        foreach (var name in rules.Required)
        {
            right &= DocumentFields.Member(value, name) is not null || Fail("required", "a value", null, path.Member(name));
        }

        foreach (var (name, required) in rules.DependentRequired)
        {
            right &= DocumentFields.Member(value, name) is null
                || Array.TrueForAll(required, other => DocumentFields.Member(value, other) is not null || Fail("dependentRequired", $"a value, since {name} is there", null, path.Member(other)));
        }

        foreach (var (name, node) in rules.DependentSchemas)
        {
            right &= DocumentFields.Member(value, name) is null || Apply(node, value, seen);
        }

        if (rules.MinProperties is not null || rules.MaxProperties is not null)
        {
            var count = Members(value).Select(member => member.Name).Distinct(StringComparer.Ordinal).Count();
            right &= !(count < rules.MinProperties) || Fail("minProperties", Text($"{rules.MinProperties} members or more"), value);
            right &= !(count > rules.MaxProperties) || Fail("maxProperties", Text($"{rules.MaxProperties} members at most"), value);
        }

        if (rules.LooksAtAll)
        {
            foreach (var member in value.EnumerateObject())
            {
                right = (right || Collects) && Member(rules, member, seen) && right;
            }
        }

        if (rules.Additional is not null)
        {
            seen?.AddAllMembers();
        }

        return right;
    }

    private bool Member(ObjectRules rules, JsonProperty member, Evaluated? seen)
    {
        var name = JsonEquality.Name(member);
        var right = true;
        var known = rules.Properties.TryGetValue(name, out var property);
        if (known)
        {
            seen?.Add(name);
            right = Below(property!, member.Value, At(name));
        }

        if (isDocument && depth == 0 && CouchMembers.IsReserved(name))
        {
            return right;
        }

        foreach (var (pattern, node) in rules.Patterns)
        {
            if (pattern.IsIn(name))
            {
                known = true;
                seen?.Add(name);
                right &= Below(node, member.Value, At(name));
            }
        }

        if (!known && rules.Additional is { } additional)
        {
            right &= Below(additional, member.Value, At(name));
        }

        if (rules.Names is { } names)
        {
            using var text = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(name, Validation.TextJson.Default.String));
            right &= Below(names, text.RootElement, At(name));
        }

        return right;
    }

    private bool Arrays(ArrayRules rules, JsonElement value, Evaluated? seen)
    {
        var length = value.GetArrayLength();
        var right = !(length < rules.MinItems) || Fail("minItems", Text($"{rules.MinItems} elements or more"), value);
        right &= !(length > rules.MaxItems) || Fail("maxItems", Text($"{rules.MaxItems} elements at most"), value);
        right &= !rules.Unique || value.EnumerateArray().ToHashSet(JsonValueComparer.Instance).Count == length || Fail("uniqueItems", "no element twice", value);
        var found = 0L;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if ((index < rules.Prefix.Length ? rules.Prefix[index] : rules.Rest) is { } node)
            {
                right = (right || Collects) && Below(node, item, At(index)) && right;
            }

            if (rules.Contains is { } wanted && BelowQuietly(wanted, item))
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
            & (rules.Contains is null || found >= rules.MinContains || Fail("contains", Text($"{rules.MinContains} such elements or more"), value))
            & (rules.Contains is null || !(found > rules.MaxContains) || Fail("maxContains", Text($"{rules.MaxContains} such elements at most"), value));
    }

    private bool Unevaluated(SchemaNode node, JsonElement value, Evaluated? seen)
    {
        var right = true;
        if (node.UnevaluatedProperties is { } forMembers && value.ValueKind == JsonValueKind.Object)
        {
            foreach (var (name, member) in Members(value))
            {
                right &= seen!.Has(name) || Below(forMembers, member, At(name));
            }

            seen!.AddAllMembers();
        }

        if (node.UnevaluatedItems is { } forItems && value.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                right &= seen!.Has(index) || Below(forItems, item, At(index));
                index++;
            }

            seen!.AddFirst(index);
        }

        return right;
    }

    private IEnumerable<(string Name, JsonElement Value)> Members(JsonElement value)
    {
        var hides = isDocument && depth == 0;
        return value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().Select(member => (Name: JsonEquality.Name(member), member.Value)).Where(member => !hides || !CouchMembers.IsReserved(member.Name))
            : [];
    }

    // A path is only built where somebody will read it.
    private FieldPath At(string name) => Collects ? path.Member(name) : path;

    private FieldPath At(int index) => Collects ? path.Element(index) : path;

    private bool BelowQuietly(SchemaNode node, JsonElement value)
    {
        quiet++;
        var right = Below(node, value, path);
        quiet--;
        return right;
    }

    private bool Below(SchemaNode node, JsonElement value, FieldPath at)
    {
        var (outerPath, outerPlace) = (path, inPlace);
        (path, inPlace) = (at, 0);
        depth++;
        var right = Apply(node, value, null);
        depth--;
        (path, inPlace) = (outerPath, outerPlace);
        return right;
    }

    private bool Fail(string keyword, string expected, JsonElement? found, FieldPath? at = null)
    {
        if (Collects)
        {
            faults!.Add(new SchemaViolation((at ?? path).ToString(), keyword, expected, Display.Of(found)));
        }

        return false;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
