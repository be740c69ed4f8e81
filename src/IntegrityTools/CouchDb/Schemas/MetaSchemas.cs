using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>The schemas of schemas that a <c>$ref</c> may name: what keywords of each draft may hold, in words of our own.</summary>
internal static class MetaSchemas
{
    // One text for both drafts; SELF is the reference to the schema itself, MEMBERS what is made from the lists below.
    private const string Form = """
        {"$schema":"ID","$id":"ID",ANCHOR "type":["object","boolean"],
        "definitions":{"count":{"type":"integer","minimum":0},"texts":{"type":"array","items":{"type":"string"},"uniqueItems":true},
        "name":{"enum":["array","boolean","integer","null","number","object","string"]},"list":{"type":"array","minItems":1,"items":{SELF}}},
        "properties":{MEMBERS,"multipleOf":{"type":"number","exclusiveMinimum":0},"enum":{"type":"array"},"uniqueItems":{"type":"boolean"},
        "required":{"$ref":"#/definitions/texts"},"dependentRequired":{"type":"object","additionalProperties":{"$ref":"#/definitions/texts"}},
        "type":{"anyOf":[{"$ref":"#/definitions/name"},{"type":"array","minItems":1,"uniqueItems":true,"items":{"$ref":"#/definitions/name"}}]}}}
        """;

    private static readonly string[] One =
        ["additionalProperties", "propertyNames", "contains", "not", "if", "then", "else", "additionalItems", "unevaluatedItems", "unevaluatedProperties"];

    private static readonly string[] Lists = ["allOf", "anyOf", "oneOf", "prefixItems"];
    private static readonly string[] Maps = ["definitions", "$defs", "properties", "patternProperties", "dependentSchemas"];
    private static readonly string[] Counts = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"];
    private static readonly string[] Numbers = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
    private static readonly string[] Texts = ["$id", "$schema", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$comment", "title", "description", "format", "pattern"];

    /// <summary>The schema of that name; null: it is none of these.</summary>
    public static RawJson? Find(string uri) => uri switch
    {
        "http://json-schema.org/draft-07/schema" => Write(uri + "#", "\"$ref\":\"#\"", "", "{\"anyOf\":[{SELF},{\"$ref\":\"#/definitions/list\"}]}"),
        "https://json-schema.org/draft/2020-12/schema" => Write(uri, "\"$dynamicRef\":\"#meta\"", "\"$dynamicAnchor\":\"meta\",", "{SELF}"),
        _ => null,
    };

    private static RawJson Write(string id, string self, string anchor, string items)
    {
        var members = One.Select(name => $"\"{name}\":{{SELF}}")
            .Append($"\"items\":{items}")
            .Concat(Lists.Select(name => $"\"{name}\":{{\"$ref\":\"#/definitions/list\"}}"))
            .Concat(Maps.Select(name => $"\"{name}\":{{\"type\":\"object\",\"additionalProperties\":{{SELF}}}}"))
            .Concat(Counts.Select(name => $"\"{name}\":{{\"$ref\":\"#/definitions/count\"}}"))
            .Concat(Numbers.Select(name => $"\"{name}\":{{\"type\":\"number\"}}"))
            .Concat(Texts.Select(name => $"\"{name}\":{{\"type\":\"string\"}}"));
        return RawJson.FromText(Form
            .Replace("MEMBERS", string.Join(',', members), StringComparison.Ordinal)
            .Replace("ANCHOR", anchor, StringComparison.Ordinal)
            .Replace("SELF", self, StringComparison.Ordinal)
            .Replace("ID", id, StringComparison.Ordinal));
    }
}
