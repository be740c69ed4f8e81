using System.Text.Json;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>Compiles schemas into nodes, each once, so that schemas that refer to each other in circles end.</summary>
internal sealed class SchemaCompiler(SchemaRegistry registry)
{
    private static readonly string[] TypeNames = ["array", "boolean", "integer", "null", "number", "object", "string"];
    private readonly Dictionary<(SchemaResource, string), SchemaNode> nodes = [];

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
            node.References.Add(Reference(place, Text(place, "$ref", alone), dynamic: false));
            return; // In draft 7 nothing counts beside a reference.
        }

        foreach (var keyword in place.Schema.EnumerateObject())
        {
            var at = new Keyword(this, place, keyword.Name, keyword.Value);
            if (!(dialect.IsDraft7 ? Draft7(node, at) : Draft202012(node, at)) && !Applicator(node, at) && dialect.Asserts)
            {
                Assertion(node, at);
            }
        }
    }

    private static bool Draft7(SchemaNode node, Keyword at)
    {
        switch (at.Name)
        {
            case "items" when at.Value.ValueKind == JsonValueKind.Array:
                Arrays(node).Prefix = at.List();
                return true;
            case "items":
                Arrays(node).Rest = at.Node();
                return true;
            case "additionalItems":
                // Only behind a list of items; beside a single schema there is nothing additional.
                if (at.Place.Schema.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array)
                {
                    Arrays(node).Rest = at.Node();
                }

                return true;
            case "dependencies":
                foreach (var (name, value) in at.Members())
                {
                    if (value.ValueKind == JsonValueKind.Array)
                    {
                        Objects(node).DependentRequired.Add((name, Texts(at, value)));
                    }
                    else
                    {
                        Objects(node).DependentSchemas.Add((name, at.Node(name, value)));
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

    private static bool Draft202012(SchemaNode node, Keyword at)
    {
        switch (at.Name)
        {
            case "$ref":
                node.References.Add(at.Compiler.Reference(at.Place, Text(at.Place, at.Name, at.Value), dynamic: false));
                return true;
            case "$dynamicRef":
                node.References.Add(at.Compiler.Reference(at.Place, Text(at.Place, at.Name, at.Value), dynamic: true));
                return true;
            case "prefixItems":
                Arrays(node).Prefix = at.List();
                return true;
            case "items":
                Arrays(node).Rest = at.Node();
                return true;
            case "dependentSchemas":
                Objects(node).DependentSchemas.AddRange(at.Members().Select(member => (member.Name, at.Node(member.Name, member.Value))));
                return true;
            case "unevaluatedProperties":
                node.UnevaluatedProperties = at.Node();
                return true;
            case "unevaluatedItems":
                node.UnevaluatedItems = at.Node();
                return true;
            case "contains":
                Arrays(node).ContainsEvaluates = true;
                return false;
            case "dependencies" or "additionalItems":
                return true; // No longer words of 2020-12.
            default:
                return false;
        }
    }

    private static bool Applicator(SchemaNode node, Keyword at)
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
                Arrays(node).Contains = at.Node();
                return true;
            case "properties":
                foreach (var (name, value) in at.Members())
                {
                    Objects(node).Properties[name] = at.Node(name, value);
                }

                return true;
            case "patternProperties":
                Objects(node).Patterns.AddRange(at.Members().Select(member => (SchemaPattern.Of(member.Name), at.Node(member.Name, member.Value))));
                return true;
            case "additionalProperties":
                Objects(node).Additional = at.Node();
                return true;
            case "propertyNames":
                Objects(node).Names = at.Node();
                return true;
            default:
                return false;
        }
    }

    private static void Assertion(SchemaNode node, Keyword at)
    {
        switch (at.Name)
        {
            case "type":
                Values(node).Types = [.. at.Value.ValueKind == JsonValueKind.Array ? Texts(at, at.Value) : [Text(at.Place, at.Name, at.Value)]];
                if (!node.Values!.Types!.All(TypeNames.Contains))
                {
                    throw new SchemaException($"{at.Where} holds no name of a type");
                }

                break;
            case "enum":
                Values(node).Enum = at.Value.ValueKind == JsonValueKind.Array
                    ? at.Value.EnumerateArray().ToHashSet(JsonValueComparer.Instance)
                    : throw new SchemaException($"{at.Where} is no list");
                break;
            case "const":
                Values(node).Const = at.Value;
                break;
            case "minimum":
                Values(node).Minimum = at.Number();
                break;
            case "maximum":
                Values(node).Maximum = at.Number();
                break;
            case "exclusiveMinimum":
                Values(node).ExclusiveMinimum = at.Number();
                break;
            case "exclusiveMaximum":
                Values(node).ExclusiveMaximum = at.Number();
                break;
            case "multipleOf":
                Values(node).MultipleOf = at.Number();
                break;
            case "minLength":
                Values(node).MinLength = at.Count();
                break;
            case "maxLength":
                Values(node).MaxLength = at.Count();
                break;
            case "pattern":
                Values(node).Pattern = SchemaPattern.Of(Text(at.Place, at.Name, at.Value));
                break;
            case "required":
                Objects(node).Required = Texts(at, at.Value);
                break;
            case "minProperties":
                Objects(node).MinProperties = at.Count();
                break;
            case "maxProperties":
                Objects(node).MaxProperties = at.Count();
                break;
            case "dependentRequired":
                Objects(node).DependentRequired.AddRange(at.Members().Select(member => (member.Name, Texts(at, member.Value))));
                break;
            case "minItems":
                Arrays(node).MinItems = at.Count();
                break;
            case "maxItems":
                Arrays(node).MaxItems = at.Count();
                break;
            case "minContains":
                Arrays(node).MinContains = at.Count();
                break;
            case "maxContains":
                Arrays(node).MaxContains = at.Count();
                break;
            case "uniqueItems":
                Arrays(node).Unique = at.Value.ValueKind == JsonValueKind.True;
                break;
        }
    }

    private SchemaReference Reference(SchemaPlace from, string reference, bool dynamic)
    {
        var target = registry.Resolve(from.Resource, reference);
        var (_, anchor) = SchemaUri.Split(reference);
        var isDynamic = dynamic && anchor is not null && target.Resource.DynamicAnchors.TryGetValue(anchor, out var place) && place.Pointer == target.Pointer;
        return new SchemaReference(Compile(target), isDynamic ? anchor : null);
    }

    private static ValueRules Values(SchemaNode node) => node.Values ??= new ValueRules();

    private static ObjectRules Objects(SchemaNode node) => node.Objects ??= new ObjectRules();

    private static ArrayRules Arrays(SchemaNode node) => node.Arrays ??= new ArrayRules();

    private static string Text(SchemaPlace place, string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new SchemaException($"{name} at #{place.Pointer} is no text");

    private static string[] Texts(Keyword at, JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(item => item.GetString()!)]
            : throw new SchemaException($"{at.Where} is no list of texts");

    /// <summary>A keyword with its value, and how that is read.</summary>
    private readonly record struct Keyword(SchemaCompiler Compiler, SchemaPlace Place, string Name, JsonElement Value)
    {
        public string Where => $"{Name} at #{Place.Pointer}";

        public SchemaNode Node() => Below($"/{Name}", Value);

        public SchemaNode Node(string member, JsonElement value) => Below($"/{Name}/{SchemaKeywords.Escape(member)}", value);

        public SchemaNode[] List()
        {
            if (Value.ValueKind != JsonValueKind.Array)
            {
                throw new SchemaException($"{Where} is no list of schemas");
            }

            var at = this;
            return [.. Value.EnumerateArray().Select((item, index) => at.Below($"/{at.Name}/{index}", item))];
        }

        public IEnumerable<(string Name, JsonElement Value)> Members() => Value.ValueKind == JsonValueKind.Object
            ? Value.EnumerateObject().Select(member => (member.Name, member.Value))
            : throw new SchemaException($"{Where} is no object");

        public JsonNumber Number() =>
            Value.ValueKind == JsonValueKind.Number ? JsonNumber.Of(Value) : throw new SchemaException($"{Where} is no number");

        public long Count() => Value.ValueKind == JsonValueKind.Number && Value.TryGetDecimal(out var count) && count >= 0 && count == decimal.Truncate(count)
            ? (long)decimal.Min(count, long.MaxValue)
            : throw new SchemaException($"{Where} is no count");

        // A schema that names itself is a resource of its own, with pointers that start there.
        private SchemaNode Below(string step, JsonElement schema) => Compiler.Compile(Compiler.Locate(Place, step, schema));
    }

    private SchemaPlace Locate(SchemaPlace parent, string step, JsonElement schema) => registry.Locate(parent, step, schema);
}
