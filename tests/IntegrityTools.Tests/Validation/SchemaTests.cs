using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Schemas;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.Validation.ContentPlace;

namespace IntegrityTools.Tests.Validation;

public class SchemaTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "[3, 3.0, 3e2, -0.0, 1e400]", "[3.5, \"3\", null, 1e-1]")]
    [InlineData("""{"multipleOf":0.01}""", "[0.07, 19.99, 1e300, 12391239123]", "[0.075, 1e-3]")]
    [InlineData("""{"minimum":9007199254740993,"exclusiveMaximum":1e1000}""", "[9007199254740993, 9.9e999]", "[9007199254740992.9, 1.0e1000, 1e999999999999999999999]")]
    [InlineData("""{"enum":[1,{"a":[1,2]},"é"]}""", "[1.0, {\"a\":[1e0,2]}, \"\\u00e9\"]", "[2, {\"a\":[2,1]}, true]")]
    [InlineData("""{"uniqueItems":true}""", "[[1,2], [{\"a\":1},{\"a\":2}], [1,true]]", "[[1,1.0], [{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]]")]
    [InlineData("""{"maxLength":2,"pattern":"^\\p{Letter}\\d?$"}""", "[\"a1\", \"é\"]", "[\"a\\n\", \"1\", \"abc\"]")]
    [InlineData("""{"pattern":"^(?!a)"}""", "[\"b\"]", "[\"a\"]")]
    [InlineData("""{"$ref":"#/$defs/tree","$defs":{"tree":{"properties":{"next":{"$ref":"#/$defs/tree"},"v":{"type":"number"}}}}}""",
        "[{\"next\":{\"next\":{\"v\":1}}}]", "[{\"next\":{\"next\":{\"v\":\"1\"}}}]")]
    [InlineData("""{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}""", "[{\"a\":1}, 7]", "[{\"a\":1,\"b\":2}]")]
    [InlineData("""{"prefixItems":[true],"contains":{"type":"null"},"unevaluatedItems":{"type":"string"}}""", "[[1,null,\"x\"]]", "[[1,null,2], [1,\"x\"]]")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"string"}],"additionalItems":false,"dependencies":{"a":["b"]}}""",
        "[[\"x\"], {\"a\":1,\"b\":2}]", "[[\"x\",1], {\"a\":1}]")]
    public void Values_fit_or_do_not(string schema, string fitting, string unfitting)
    {
        var compiled = Compile(schema);
        using var right = JsonDocument.Parse(fitting);
        using var wrong = JsonDocument.Parse(unfitting);
        Assert.All(right.RootElement.EnumerateArray(), value => Assert.Empty(compiled.Validate(value, isDocument: false, strict: false)));
        Assert.All(wrong.RootElement.EnumerateArray(), value => Assert.NotEmpty(compiled.Validate(value, isDocument: false, strict: false)));
    }

    [Theory]
    [InlineData("7", "something that is no schema")]
    [InlineData("{\"type\":\"text\"}", "type at # holds no name of a type")]
    [InlineData("{\"properties\":{\"a\":{\"minLength\":-1}}}", "minLength at #/properties/a is no count")]
    [InlineData("{\"$ref\":\"#/$defs/none\"}", "refers to a place that is not there")]
    [InlineData("{\"$ref\":\"http://example.org/x.json\"}", "add it to validation.schemas")]
    [InlineData("{\"pattern\":\"(\"}", "is no regular expression")]
    [InlineData("{\"$schema\":\"http://json-schema.org/draft-03/schema\"}", "is neither draft 7 nor 2020-12")]
    [InlineData("{\"a\":", "it is no JSON")]
    public void A_schema_that_does_not_compile_says_why(string schema, string why) =>
        Assert.Contains(why, Assert.Throws<SchemaException>(() => Compile(schema)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_schema_that_names_itself_as_its_meta_schema_ended_the_process_by_a_stack_overflow()
    {
        var schema = RawJson.FromText("{\"$id\":\"https://example.org/s\",\"$schema\":\"https://example.org/s\"}");

        var refused = Assert.Throws<SchemaException>(() => JsonSchema.Compile("test:schema", schema, _ => schema));

        Assert.Contains("leads back to itself", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"$ref\":\"#\"}")]
    [InlineData("{\"allOf\":[{\"$ref\":\"#/$defs/a\"}],\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"anyOf\":[{\"$ref\":\"#/$defs/a\"}]}}}")]
    public void A_reference_that_leads_back_to_itself_ends_with_words(string schema)
    {
        using var value = JsonDocument.Parse("{}");
        Assert.Contains(
            "without end", Assert.Throws<SchemaException>(() => Compile(schema).Validate(value.RootElement, false, false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_with_a_byte_order_mark_was_no_JSON()
    {
        using var value = JsonDocument.Parse("{}");
        Assert.NotEmpty(Compile("\ufeff{\"required\":[\"a\"]}").Validate(value.RootElement, false, false));
    }

    [Fact]
    public async Task Documents_of_a_dump_are_held_against_schemas_from_files_and_from_documents()
    {
        await using var place = SchemaPlace(strict: false);
        var issues = await ScanAsync(place, WriteDump(place, Documents), "validation");

        Assert.Equal(Expected, Shown(issues));
    }

    [SkippableFact]
    public async Task And_of_a_database()
    {
        await using var server = await ServerPlace.WithAsync("resolution: {}\n", real: false, Documents);
        await using var place = SchemaPlace(strict: false, server.Place.Credential);
        Assert.Equal(Expected, Shown(await ScanAsync(place, server.Store, "validation")));
    }

    [Fact]
    public async Task Strict_mode_finds_the_fields_that_a_schema_does_not_name()
    {
        await using var place = SchemaPlace(strict: true);
        var issues = await ScanAsync(place, WriteDump(place, Documents), "schema_violation");

        Assert.Equal(
            ["h1 schema_violation cores:type address.city:type", "h2 schema_violation color:strict_mode", "n1 schema_violation text:minLength"], Shown(issues));
    }

    private static readonly string[] Documents =
    [
        Doc("h1", "\"@type\":\"Host\",\"cores\":\"many\",\"address\":{\"city\":7}"),
        Doc("h2", "\"@type\":\"Host\",\"cores\":4,\"color\":\"red\""),
        Doc("n1", "\"@type\":\"Note\",\"text\":\"\""),
        Doc("b1", "\"@type\":\"Broken\""),
        Doc("schemas/note", "\"type\":\"object\",\"properties\":{\"@type\":true,\"text\":{\"$ref\":\"#/$defs/text\"}},\"additionalProperties\":false,\"$defs\":{\"text\":{\"minLength\":1}}"),
    ];

    private static readonly string[] Expected =
    [
        "Broken unusable_schema", "Gone unusable_schema", "Lost unusable_schema",
        "h1 schema_violation cores:type address.city:type", "n1 schema_violation text:minLength",
    ];

    private static IEnumerable<string> Shown(IEnumerable<IntegrityIssue> issues) => issues
        .Select(issue => issue.Evidence switch
        {
            SchemaEvidence schema => $"{schema.DocumentType} {issue.Type}",
            DocumentEvidence document => $"{issue.Subject} {issue.Type} {string.Join(' ', document.Faults.Select(fault => $"{fault.Path}:{fault.Rule}"))}",
            _ => issue.Type,
        })
        .Order(StringComparer.Ordinal);

    private static Workplace SchemaPlace(bool strict, Stores.StoreCredential? credential = null)
    {
        var place = new Workplace($$"""
            validation:
              strict_mode: {{(strict ? "true" : "false")}}
              schemas: { Host: schemas/host.json, Note: 'document:schemas/note', Broken: schemas/broken.json, Gone: 'document:none', Lost: none.json }
            """, credential);
        Directory.CreateDirectory(place.PathOf("schemas"));
        File.WriteAllText(place.PathOf("schemas/host.json"), """
            {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["_id","@type"],
             "properties":{"@type":true,"cores":{"type":"integer"},"address":{"$ref":"parts/address.json"}}}
            """);
        Directory.CreateDirectory(place.PathOf("schemas/parts"));
        File.WriteAllText(place.PathOf("schemas/parts/address.json"), """{"properties":{"city":{"type":"string"}}}""");
        File.WriteAllText(place.PathOf("schemas/broken.json"), """{"type":"thing"}""");
        return place;
    }

    private static JsonSchema Compile(string schema) => JsonSchema.Compile("test:schema", RawJson.FromText(schema), _ => null);

    [Fact]
    public async Task A_scan_is_not_gone_on_with_behind_documents_that_were_not_held_against_a_schema_which_gave_out()
    {
        await using var place = new Workplace();
        var schema = Doc("schema", "\"properties\":{\"p\":{\"pattern\":\"^(?=(a+)+$)(a+)+$\"}}");
        string[] documents = [schema, .. Enumerable.Range(0, 1000).Select(number => Doc($"d{number}", $"\"@type\":\"H\",\"p\":\"{(number == 0 ? new string('a', 40) : "b")}!\""))];
        var validation = new ValidationSettings { Schemas = new Dictionary<string, string> { ["H"] = "document:schema" } };
        await using var source = new DumpSource(WriteDump(place, documents)["couchdump:".Length..]);
        var settled = 0;
        var request = new ScanRequest
        {
            ScanId = "s",
            Types = new HashSet<string> { IssueTypes.SchemaViolation },
            Settled = (_, _) =>
            {
                settled++;
                return ValueTask.CompletedTask;
            },
        };

        await new ContentScanner(source, "couchdump:d", new ResolutionSettings(), validation).ScanAsync(request, new ScanStatistics(), default).CountAsync();

        Assert.Equal(0, settled);
    }
}
