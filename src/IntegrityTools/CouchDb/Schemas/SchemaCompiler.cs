using System.Text.Json;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>Compiles schemas into nodes, each once, so that schemas that refer to each other in circles end.</summary>
internal sealed class SchemaCompiler(SchemaRegistry registry)
{
    private readonly Dictionary<(SchemaResource, string), SchemaNode> nodes = [];

    /// <summary>The time that the schema's patterns take together.</summary>
    public PatternTime PatternTime { get; } = new();

    /// <summary>The node of a schema, with all that it needs.</summary>
    /// <exception cref="SchemaException">It is no schema, or refers to what is not there.</exception>
    public SchemaNode Compile(SchemaPlace place)
    {
        if (nodes.TryGetValue((place.Resource, place.Pointer), out var known))
        {
            return known;
        }

        var node = new SchemaNode(place.Resource);
        nodes.Add((place.Resource, place.Pointer), node);
        switch (place.Schema.ValueKind)
        {
            case JsonValueKind.True:
                break;
            case JsonValueKind.False:
                node.Never = true;
                break;
            case JsonValueKind.Object:
                Fill(node, place);
                break;
            default:
                throw new SchemaException($"at #{place.Pointer} stands something that is no schema");
        }

        return node;
    }

    private void Fill(SchemaNode node, SchemaPlace place)
    {
        var dialect = place.Resource.Dialect;
        if (dialect.IsDraft7 && place.Schema.TryGetProperty("$ref", out var alone))
        {
            node.References.Add(Reference(place, new SchemaKeyword(this, place, "$ref", alone).Text(), dynamic: false));
            return; // In draft 7 nothing counts beside a reference.
        }

        foreach (var keyword in place.Schema.EnumerateObject())
        {
            var at = new SchemaKeyword(this, place, keyword.Name, keyword.Value);
            if (!(dialect.IsDraft7 ? Draft7(node, at) : Draft202012(node, at)) && !Applicator(node, at) && dialect.Asserts)
            {
                SchemaAssertions.Add(node, at);
            }
        }
    }

    private static bool Draft7(SchemaNode node, SchemaKeyword at)
    {
        switch (at.Name)
        {
            case "items" when at.Value.ValueKind == JsonValueKind.Array:
                node.OwnArrays.Prefix = at.List();
                return true;
            case "items":
                node.OwnArrays.Rest = at.Node();
                return true;
            case "additionalItems":
                // Only behind a list of items; beside a single schema there is nothing additional.
                if (at.Place.Schema.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array)
                {
                    node.OwnArrays.Rest = at.Node();
                }

                return true;
            case "dependencies":
                foreach (var (name, value) in at.Members())
                {
                    if (value.ValueKind == JsonValueKind.Array)
                    {
                        node.OwnObjects.DependentRequired.Add((name, at.Texts(value)));
                    }
                    else
                    {
                        node.OwnObjects.DependentSchemas.Add((name, at.Node(name, value)));
                    }
                }

                return true;
            case "unevaluatedProperties" or "unevaluatedItems" or "dependentSchemas" or "dependentRequired" or "prefixItems" or "minContains"
                or "maxContains" or "$dynamicRef":
                return true; // Not yet words of draft 7.
            default:
                return false;
        }
    }

    private static bool Draft202012(SchemaNode node, SchemaKeyword at)
    {
        switch (at.Name)
        {
            case "$ref":
                node.References.Add(at.Compiler.Reference(at.Place, at.Text(), dynamic: false));
                return true;
            case "$dynamicRef":
                node.References.Add(at.Compiler.Reference(at.Place, at.Text(), dynamic: true));
                return true;
            case "prefixItems":
                node.OwnArrays.Prefix = at.List();
                return true;
            case "items":
                node.OwnArrays.Rest = at.Node();
                return true;
            case "dependentSchemas":
                node.OwnObjects.DependentSchemas.AddRange(at.Members().Select(member => (member.Name, at.Node(member.Name, member.Value))));
                return true;
            case "unevaluatedProperties":
                node.UnevaluatedProperties = at.Node();
                return true;
            case "unevaluatedItems":
                node.UnevaluatedItems = at.Node();
                return true;
            case "contains":
                node.OwnArrays.ContainsEvaluates = true;
                return false;
            case "dependencies" or "additionalItems":
                return true; // No longer words of 2020-12.
            default:
                return false;
        }
    }

    private static bool Applicator(SchemaNode node, SchemaKeyword at)
    {
        switch (at.Name)
        {
            case "allOf":
                node.AllOf = at.List();
                return true;
            case "anyOf":
                node.AnyOf = at.List();
                return true;
            case "oneOf":
                node.OneOf = at.List();
                return true;
            case "not":
                node.Not = at.Node();
                return true;
            case "if":
                node.If = at.Node();
                return true;
            case "then":
                node.Then = at.Node();
                return true;
            case "else":
                node.Else = at.Node();
                return true;
            case "contains":
                node.OwnArrays.Contains = at.Node();
                return true;
            case "properties":
                foreach (var (name, value) in at.Members())
                {
                    node.OwnObjects.Properties[name] = at.Node(name, value);
                }

                return true;
            case "patternProperties":
                node.OwnObjects.Patterns.AddRange(at.Members().Select(member => (at.Pattern(member.Name), at.Node(member.Name, member.Value))));
                return true;
            case "additionalProperties":
                node.OwnObjects.Additional = at.Node();
                return true;
            case "propertyNames":
                node.OwnObjects.Names = at.Node();
                return true;
            default:
                return false;
        }
    }

    private SchemaReference Reference(SchemaPlace from, string reference, bool dynamic)
    {
        var target = registry.Resolve(from.Resource, reference);
        var (_, anchor) = SchemaUri.Split(reference);
        var isDynamic = dynamic && anchor is not null && target.Resource.DynamicAnchors.TryGetValue(anchor, out var place) && place.Pointer == target.Pointer;
        return new SchemaReference(Compile(target), isDynamic ? anchor : null);
    }

    /// <summary>The place of a schema within another.</summary>
    public SchemaPlace Locate(SchemaPlace parent, string step, JsonElement schema) => registry.Locate(parent, step, schema);
}
