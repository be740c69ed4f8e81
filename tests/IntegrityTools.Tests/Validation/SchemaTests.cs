using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrityTools.CouchDb.Schemas;
using IntegrityTools.Model;
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
    public void A_hostile_pattern_costs_a_moment_and_not_the_scan()
    {
        using var value = JsonDocument.Parse($"\"{new string('a', 50_000)}!\"");
        var watch = Stopwatch.StartNew();
        Assert.NotEmpty(Compile("{\"pattern\":\"^(a+)+$\"}").Validate(value.RootElement, false, false));
        Assert.Contains(
            "takes longer", Assert.Throws<SchemaException>(() => Compile("{\"pattern\":\"^(a+)+\\\\1b$\"}").Validate(value.RootElement, false, false)).Message,
            StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    [Theory]
    [InlineData("^(?:[A-Za-z0-9+/]{4})*$", 100_004)]
    [InlineData("^data:image/[a-z]+;base64,(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", 400_000)]
    public void A_long_text_that_fits_was_said_not_to_fit(string pattern, int length)
    {
        var text = (pattern.Contains("data:", StringComparison.Ordinal) ? "data:image/png;base64," : string.Empty) + new string('a', length);
        using var right = JsonDocument.Parse($"\"{text}\"");
        using var wrong = JsonDocument.Parse($"\"{text}b\"");
        var schema = Compile($"{{\"pattern\":{JsonSerializer.Serialize(pattern)}}}");

        Assert.Empty(schema.Validate(right.RootElement, false, false));
        Assert.NotEmpty(schema.Validate(wrong.RootElement, false, false));
    }

    [Fact]
    public void A_large_pattern_had_no_limit_of_time_for_a_long_text()
    {
        var random = new Random(4);
        using var value = JsonDocument.Parse($"\"{string.Concat(Enumerable.Range(0, 4_000_000).Select(_ => random.Next(2) == 0 ? 'a' : 'b'))}\"");
        var failure = Assert.Throws<SchemaException>(() => Compile("{\"pattern\":\"^(?:a|b)*a(?:a|b){900}c$\"}").Validate(value.RootElement, false, false));

        Assert.Contains("takes longer than", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a[ab]{14}c", 12_000, "c", true)]
    [InlineData("a[ab]{14}c", 12_000, "", false)]
    [InlineData("[a-z]$", 210_000, "", true)]
    [InlineData("[a-z]$", 210_000, "-", false)]
    [InlineData("^(?:..)*$", 250_000, "", true)]
    [InlineData("^(?:..)*$", 250_001, "", false)]
    public void A_long_text_is_answered_right_to_its_end(string pattern, int length, string end, bool right)
    {
        var random = new Random(4);
        using var value = JsonDocument.Parse($"\"{string.Concat(Enumerable.Range(0, length).Select(_ => random.Next(2) == 0 ? 'a' : 'b'))}aaaaaaaaaaaaaaa{end}a{end}\"");
        Assert.Equal(right, Compile($"{{\"pattern\":{JsonSerializer.Serialize(pattern)}}}").Validate(value.RootElement, false, false).Count == 0);
    }

    [Fact]
    public void A_text_that_waited_for_its_processor_is_tried_once_more()
    {
        var text = new string('a', 30) + "!";
        Assert.Throws<RegexMatchTimeoutException>(() => new TimedRegex("^(?!z)(a|aa)+$", RegexOptions.None, limit: 1, patience: 1).IsMatch(text));
        Assert.False(new TimedRegex("^(?!z)(a|aa)+$", RegexOptions.None, limit: 1, patience: 60_000).IsMatch(text));
    }

    [Theory]
    [InlineData("^.$", "😀", true)]
    [InlineData("^..$", "😀", false)]
    [InlineData("^[^x]$", "😀", true)]
    [InlineData("^[^x]$", "x", false)]
    [InlineData("^[😀😎]$", "😀", true)]
    [InlineData("^[😀😎]$", "😁", false)]
    [InlineData("^[😀-😎]$", "😁", true)]
    [InlineData("^[a-z😀-😎]+$", "a😀b😎", true)]
    [InlineData("^[😀-😎]$", "😏", false)]
    [InlineData("^[^😀-😎]$", "😏", true)]
    [InlineData("^[\\u{1F600}-\\u{1F60E}]$", "😁", true)]
    [InlineData("^\\u{1F600}$", "😀", true)]
    [InlineData("^\\ud83d\\ude00{2}$", "😀😀", true)]
    [InlineData("^😀{1,3}$", "😀😀", true)]
    [InlineData("^😀{1,3}$", "abc", false)]
    [InlineData("^[\\u{0}-\\u{10FFFF}]{3}$", "a😀ü", true)]
    [InlineData("^[\\u{FF00}-\\u{20000}]$", "𐐷", true)]
    [InlineData("^\\W\\D\\S$", "😀😀😀", true)]
    [InlineData("^[\\W\\d]+$", "😀1", true)]
    [InlineData("^[^]*$", "a😀\\n", true)]
    [InlineData("[]", "a", false)]
    [InlineData("^\\p{Nd}+$", "𝟘1", true)]
    [InlineData("^\\P{Nd}$", "𝟘", false)]
    [InlineData("^\\p{General_Category=Uppercase_Letter}$", "Ü", true)]
    [InlineData("^[\\p{Lu}\\p{Nd}_-]+$", "A1_-", true)]
    [InlineData("^\\p{Script=Greek}+$", "Ωώ", true)]
    [InlineData("^[\\p{sc=Grek} ]+$", "Ω x", false)]
    [InlineData("^\\p{Script=Han}{2}$", "漢𠀀", true)]
    [InlineData("^[\\w-.]+$", "a-b.c", true)]
    [InlineData("^[a-z[]+$", "a[", true)]
    [InlineData("^(?!.*x).{3}$", "a😀b", true)]
    [InlineData("^.{2}$", "a\\ud83d", true)]
    [InlineData("^.$", "\\r", false)]
    public void A_letter_beyond_16_bits_is_one_letter_to_a_pattern(string pattern, string text, bool right)
    {
        using var value = JsonDocument.Parse($"\"{text}\"");
        Assert.Equal(right, Compile($"{{\"pattern\":{JsonSerializer.Serialize(pattern)}}}").Validate(value.RootElement, false, false).Count == 0);
    }

    [Theory]
    [InlineData("[a", "no regular expression")]
    [InlineData("[z-a]", "no regular expression")]
    [InlineData("\\u{110000}", "no regular expression")]
    [InlineData("[\\u12]", "no regular expression")]
    [InlineData("[\\", "no regular expression")]
    [InlineData("\\p{Nothing}", "\\p{Nothing}, which is not known")]
    public void A_pattern_that_is_none_is_named(string pattern, string why)
    {
        var failure = Assert.Throws<SchemaException>(() => Compile($"{{\"pattern\":{JsonSerializer.Serialize(pattern)}}}"));
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_is_slow_on_each_text_cost_that_time_for_each_document()
    {
        using var value = JsonDocument.Parse("\"aaaaaaaaaaaaaaaaaaaaaaaaa!\"");
        using var plain = JsonDocument.Parse("\"b!\"");
        var schema = Compile("{\"pattern\":\"^(?!z)(a|aa)+!?$\"}");
        for (var number = 0; number < 1000; number++)
        {
            Assert.NotEmpty(schema.Validate(plain.RootElement, false, false));
        }

        var slow = Compile("{\"pattern\":\"^(?!z)(a|aa)+$\"}");
        var watch = Stopwatch.StartNew();
        var failure = Assert.Throws<SchemaException>(() =>
        {
            for (var number = 0; number < 10_000; number++)
            {
                Assert.NotEmpty(slow.Validate(value.RootElement, false, false));
            }
        });

        Assert.Contains("'^(?!z)(a|aa)+$'", failure.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
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
}
