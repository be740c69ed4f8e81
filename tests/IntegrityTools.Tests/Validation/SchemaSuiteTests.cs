using System.Text.Json;
using IntegrityTools.CouchDb.Schemas;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Validation;

/// <summary>The official JSON-Schema-Test-Suite, where JSON_SCHEMA_TEST_SUITE names its folder.</summary>
public class SchemaSuiteTests
{
    private static readonly string[] Optional = ["ecmascript-regex", "non-bmp-regex"];

    [SkippableTheory]
    [InlineData("draft7")]
    [InlineData("draft2020-12")]
    public void Every_required_case_of_the_official_suite_passes_and_those_of_patterns(string draft)
    {
        var folder = Environment.GetEnvironmentVariable("JSON_SCHEMA_TEST_SUITE");
        Skip.If(string.IsNullOrEmpty(folder), "JSON-Schema-Test-Suite: JSON_SCHEMA_TEST_SUITE does not name its folder");
        var usual = draft == "draft7" ? SchemaDialect.Draft7 : SchemaDialect.Draft202012;
        var wrong = new List<string>();
        var cases = 0;
        string[] optional = [.. Optional.Select(name => Path.Combine(folder, "tests", draft, "optional", name + ".json"))];
        foreach (var file in Directory.GetFiles(Path.Combine(folder, "tests", draft), "*.json").Concat(optional).Order(StringComparer.Ordinal))
        {
            using var groups = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var group in groups.RootElement.EnumerateArray())
            {
                cases += Run(Path.GetFileNameWithoutExtension(file), group, Path.Combine(folder, "remotes"), usual, wrong);
            }
        }

        Assert.True(cases > 900, $"only {cases} cases were found in {folder}");
        Assert.Empty(wrong);
    }

    private static int Run(string file, JsonElement group, string remotes, SchemaDialect usual, List<string> wrong)
    {
        var cases = 0;
        JsonSchema? schema = null;
        string? failure = null;
        try
        {
            schema = JsonSchema.Compile("test:schema", RawJson.FromText(group.GetProperty("schema").GetRawText()), uri => Remote(remotes, uri), usual);
        }
        catch (SchemaException exception)
        {
            failure = exception.Message;
        }

        foreach (var test in group.GetProperty("tests").EnumerateArray())
        {
            cases++;
            var said = failure;
            var expected = test.GetProperty("valid").GetBoolean();
            try
            {
                var faults = schema?.Validate(test.GetProperty("data"), isDocument: false, strict: false);
                said ??= faults!.Count == 0 == expected ? null : $"expected {(expected ? "valid" : "invalid")}, faults: {string.Join("; ", faults)}";
            }
            catch (SchemaException exception)
            {
                said = exception.Message;
            }

            if (said is not null)
            {
                wrong.Add($"{file}: {group.GetProperty("description")}: {test.GetProperty("description")}: {said}");
            }
        }

        return cases;
    }

    private static RawJson? Remote(string remotes, string uri)
    {
        const string Server = "http://localhost:1234/";
        var path = uri.StartsWith(Server, StringComparison.Ordinal) ? Path.Combine(remotes, uri[Server.Length..]) : null;
        return path is not null && File.Exists(path) ? new RawJson(File.ReadAllBytes(path)) : null;
    }
}
