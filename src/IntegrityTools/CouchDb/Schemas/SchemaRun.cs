using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>Holds one value against a schema: once to know whether it fits, once more to tell where it does not.</summary>
/// <param name="compiler">Compiles what a dynamic reference leads to.</param>
/// <param name="isDocument">True for a document of CouchDB: its own members there (<c>_id</c> and so on) are seen by keywords that name them only.</param>
/// <param name="faults">Receives where the value does not fit.</param>
internal sealed class SchemaRun(SchemaCompiler compiler, bool isDocument, SchemaFaults faults)
{
    private const int MostInPlace = 250;
    private readonly List<SchemaResource> scope = [];
    private int depth;
    private int inPlace;

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
            right &= seen!.Has(name) || faults.Fail("strict_mode", "no such field: the schema does not name it", DocumentFields.Member(value, name), faults.Path.Member(name));
        }

        return right;
    }

    /// <summary>Holds a value against a schema that stands at the same place.</summary>
    public bool Apply(SchemaNode node, JsonElement value, Evaluated? outer)
    {
        if (node.Never)
        {
            return faults.Fail("false", "nothing", value);
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
        var right = node.Values is null || ValueCheck.Fits(node.Values, value, faults);
        foreach (var reference in node.References)
        {
            right = (right || faults.Collects) && Apply(Target(reference), value, seen) && right;
        }

        foreach (var part in node.AllOf)
        {
            right = (right || faults.Collects) && Apply(part, value, seen) && right;
        }

        right = (right || faults.Collects) && Branches(node, value, seen) && right;
        if (value.ValueKind == JsonValueKind.Object && node.Objects is { } objects)
        {
            right = (right || faults.Collects) && ObjectCheck.Fits(objects, value, seen, this, faults) && right;
        }
        else if (value.ValueKind == JsonValueKind.Array && node.Arrays is { } arrays)
        {
            right = (right || faults.Collects) && ArrayCheck.Fits(arrays, value, seen, this, faults) && right;
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
        var right = node.AnyOf is not { } any || Count(any, value, seen, seen is null ? 1 : int.MaxValue) > 0 || faults.Fail("anyOf", "one of several forms", value);
        if (node.OneOf is { } one && Count(one, value, seen, enough: 2) is var count && count != 1)
        {
            right = faults.Fail("oneOf", count == 0 ? "one of several forms" : "only one of several forms", value);
        }

        if (node.Not is { } not && Quietly(not, value, null))
        {
            right = faults.Fail("not", "another form", value);
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
        faults.Quiet++;
        var right = Apply(node, value, seen);
        faults.Quiet--;
        return right;
    }

    private bool Unevaluated(SchemaNode node, JsonElement value, Evaluated? seen)
    {
        var right = true;
        if (node.UnevaluatedProperties is { } forMembers && value.ValueKind == JsonValueKind.Object)
        {
            foreach (var (name, member) in Members(value))
            {
                right &= seen!.Has(name) || Below(forMembers, member, faults.At(name));
            }

            seen!.AddAllMembers();
        }

        if (node.UnevaluatedItems is { } forItems && value.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                right &= seen!.Has(index) || Below(forItems, item, faults.At(index));
                index++;
            }

            seen!.AddFirst(index);
        }

        return right;
    }

    /// <summary>True where members of CouchDB's own stand, which only keywords that name them see.</summary>
    public bool Hides => isDocument && depth == 0;

    /// <summary>The members of an object, less those that are CouchDB's own.</summary>
    public IEnumerable<(string Name, JsonElement Value)> Members(JsonElement value)
    {
        return value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().Select(member => (Name: JsonEquality.Name(member), member.Value)).Where(member => !Hides || !CouchMembers.IsReserved(member.Name))
            : [];
    }

    /// <summary>The same without telling where it does not fit.</summary>
    public bool BelowQuietly(SchemaNode node, JsonElement value)
    {
        faults.Quiet++;
        var right = Below(node, value, faults.Path);
        faults.Quiet--;
        return right;
    }

    /// <summary>Holds a member or an element against a schema.</summary>
    public bool Below(SchemaNode node, JsonElement value, FieldPath at)
    {
        var (outerPath, outerPlace) = (faults.Path, inPlace);
        (faults.Path, inPlace) = (at, 0);
        depth++;
        var right = Apply(node, value, null);
        depth--;
        (faults.Path, inPlace) = (outerPath, outerPlace);
        return right;
    }
}
