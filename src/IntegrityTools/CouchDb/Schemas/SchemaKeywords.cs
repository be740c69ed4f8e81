using System.Text.Json;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>The keywords below which schemas stand: only there does <c>$id</c> name something.</summary>
internal static class SchemaKeywords
{
    private static readonly HashSet<string> Single =
    [
        "additionalItems", "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then", "unevaluatedItems",
        "unevaluatedProperties",
    ];

    private static readonly HashSet<string> Lists = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];

    private static readonly HashSet<string> Maps = ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties", "dependencies"];

    /// <summary>The schemas directly below a schema, with their pointers from it.</summary>
    public static IEnumerable<(string Pointer, JsonElement Schema)> Below(JsonElement schema)
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            if (keyword.Value.ValueKind == JsonValueKind.Array && Lists.Contains(keyword.Name))
            {
                var index = 0;
                foreach (var item in keyword.Value.EnumerateArray())
                {
                    yield return ($"/{keyword.Name}/{index++}", item);
                }
            }
            else if (keyword.Value.ValueKind == JsonValueKind.Object && Maps.Contains(keyword.Name))
            {
                foreach (var member in keyword.Value.EnumerateObject())
                {
                    yield return ($"/{keyword.Name}/{Escape(member.Name)}", member.Value);
                }
            }
            else if (keyword.Value.ValueKind == JsonValueKind.Object && Single.Contains(keyword.Name))
            {
                yield return ($"/{keyword.Name}", keyword.Value);
            }
        }
    }

    /// <summary>A name as a step of a JSON pointer.</summary>
    public static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>A step of a JSON pointer as a name.</summary>
    public static string Unescape(string step) =>
        step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
