using System.Text.Json;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>A schema with a name of its own: a whole document, or a part of one that names itself by <c>$id</c>.</summary>
/// <param name="uri">Its name, without a fragment.</param>
/// <param name="root">Its outermost schema.</param>
/// <param name="dialect">What it is written in.</param>
internal sealed class SchemaResource(string uri, JsonElement root, SchemaDialect dialect)
{
    /// <summary>Its name.</summary>
    public string Uri => uri;

    /// <summary>Its outermost schema.</summary>
    public JsonElement Root => root;

    /// <summary>What it is written in.</summary>
    public SchemaDialect Dialect => dialect;

    /// <summary>The schemas in it that have an anchor, by its name.</summary>
    public Dictionary<string, SchemaPlace> Anchors { get; } = new(StringComparer.Ordinal);

    /// <summary>Those of them whose anchor is dynamic.</summary>
    public Dictionary<string, SchemaPlace> DynamicAnchors { get; } = new(StringComparer.Ordinal);
}

/// <summary>A schema within a resource.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Pointer">The JSON pointer from the resource's outermost schema, which tells it from all others.</param>
/// <param name="Schema">The schema.</param>
internal readonly record struct SchemaPlace(SchemaResource Resource, string Pointer, JsonElement Schema);
