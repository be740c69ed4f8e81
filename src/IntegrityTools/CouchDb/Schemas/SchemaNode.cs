using System.Text.Json;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>A compiled schema: what its keywords ask, ready to be held against a value.</summary>
internal sealed class SchemaNode(SchemaResource resource)
{
    /// <summary>The resource in which it stands.</summary>
    public SchemaResource Resource => resource;

    /// <summary>True for the schema <c>false</c>.</summary>
    public bool Never { get; set; }

    /// <summary>What <c>$ref</c> or <c>$dynamicRef</c> leads to; for a dynamic one unless an outer resource has the anchor.</summary>
    public List<SchemaReference> References { get; } = [];

    /// <summary>What single values must be.</summary>
    public ValueRules? Values { get; private set; }

    /// <summary>The same, made when it is first asked for.</summary>
    public ValueRules OwnValues => Values ??= new ValueRules();

    /// <summary>What objects must be.</summary>
    public ObjectRules? Objects { get; private set; }

    /// <summary>The same, made when it is first asked for.</summary>
    public ObjectRules OwnObjects => Objects ??= new ObjectRules();

    /// <summary>What arrays must be.</summary>
    public ArrayRules? Arrays { get; private set; }

    /// <summary>The same, made when it is first asked for.</summary>
    public ArrayRules OwnArrays => Arrays ??= new ArrayRules();

    /// <summary>All of these must hold.</summary>
    public SchemaNode[] AllOf { get; set; } = [];

    /// <summary>One or more of these must hold.</summary>
    public SchemaNode[]? AnyOf { get; set; }

    /// <summary>Exactly one of these must hold.</summary>
    public SchemaNode[]? OneOf { get; set; }

    /// <summary>This must not hold.</summary>
    public SchemaNode? Not { get; set; }

    /// <summary>Decides between <see cref="Then"/> and <see cref="Else"/>.</summary>
    public SchemaNode? If { get; set; }

    /// <summary>Must hold where <see cref="If"/> does.</summary>
    public SchemaNode? Then { get; set; }

    /// <summary>Must hold where <see cref="If"/> does not.</summary>
    public SchemaNode? Else { get; set; }

    /// <summary>For members that nothing else has looked at.</summary>
    public SchemaNode? UnevaluatedProperties { get; set; }

    /// <summary>For elements that nothing else has looked at.</summary>
    public SchemaNode? UnevaluatedItems { get; set; }
}

/// <summary>A reference from one schema to another.</summary>
/// <param name="Target">Where it leads.</param>
/// <param name="DynamicAnchor">The anchor by which an outer resource may take its place; null: none may.</param>
internal sealed record SchemaReference(SchemaNode Target, string? DynamicAnchor);

/// <summary>What single values must be. Null: anything.</summary>
internal sealed class ValueRules
{
    public HashSet<string>? Types { get; set; }

    public HashSet<JsonElement>? Enum { get; set; }

    public JsonElement? Const { get; set; }

    public JsonNumber? Minimum { get; set; }

    public JsonNumber? ExclusiveMinimum { get; set; }

    public JsonNumber? Maximum { get; set; }

    public JsonNumber? ExclusiveMaximum { get; set; }

    public JsonNumber? MultipleOf { get; set; }

    public long? MinLength { get; set; }

    public long? MaxLength { get; set; }

    public SchemaPattern? Pattern { get; set; }
}

/// <summary>What objects must be.</summary>
internal sealed class ObjectRules
{
    public string[] Required { get; set; } = [];

    public long? MinProperties { get; set; }

    public long? MaxProperties { get; set; }

    public Dictionary<string, SchemaNode> Properties { get; } = new(StringComparer.Ordinal);

    public List<(SchemaPattern Pattern, SchemaNode Node)> Patterns { get; } = [];

    public SchemaNode? Additional { get; set; }

    public SchemaNode? Names { get; set; }

    public List<(string Name, string[] Required)> DependentRequired { get; } = [];

    public List<(string Name, SchemaNode Node)> DependentSchemas { get; } = [];

    /// <summary>True when each member has to be looked at, not only those that are named.</summary>
    public bool LooksAtAll => Properties.Count > 0 || Patterns.Count > 0 || Additional is not null || Names is not null;
}

/// <summary>What arrays must be.</summary>
internal sealed class ArrayRules
{
    public SchemaNode[] Prefix { get; set; } = [];

    public SchemaNode? Rest { get; set; }

    public SchemaNode? Contains { get; set; }

    public long MinContains { get; set; } = 1;

    public long? MaxContains { get; set; }

    /// <summary>True when elements that <see cref="Contains"/> has found count as looked at.</summary>
    public bool ContainsEvaluates { get; set; }

    public long? MinItems { get; set; }

    public long? MaxItems { get; set; }

    public bool Unique { get; set; }
}
