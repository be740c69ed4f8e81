using System.Text.Json;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>A keyword with its value, and how that is read.</summary>
internal readonly record struct SchemaKeyword(SchemaCompiler Compiler, SchemaPlace Place, string Name, JsonElement Value)
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

    public SchemaPattern Pattern(string pattern) => SchemaPattern.Of(pattern, Compiler.PatternTime);

    public string Text() => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : throw new SchemaException($"{Where} is no text");

    public string[] Texts() => Texts(Value);

    public string[] Texts(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(item => item.GetString()!)]
            : throw new SchemaException($"{Where} is no list of texts");
}
