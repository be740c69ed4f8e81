using System.Globalization;
using System.Text;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Validation;

/// <summary>A healthy database of unusual but right content: whatever is looked for, nothing is found.</summary>
public class HealthyDatabaseTests
{
    private const int Documents = 100_000;

    private const string Rules = """
        validation:
          strict_mode: true
          known_types: [SoftwareApplication, ComputerServer, Stack, Odd, Thing]
          required_fields: { SoftwareApplication: [name, hostedOn], Odd: ['a.b', "['x.y']", 'list[].n'] }
          schemas: { Odd: odd.json }
        """;

    private const string Schema = """
        {"type":"object","required":["a","list"],"properties":{"@type":true,"a":{"type":"object","minProperties":1},"x.y":{},"list":{"type":"array","items":{"required":["n"]}},
         "big":{"type":"integer","minimum":9007199254740993},"small":{"type":"number","multipleOf":0.1},"text":{"type":"string","pattern":"^(\\p{L}|\\s|.)*$"},"":{},"identifier":{},"note":{}}}
        """;

    // Texts that differ in what a careless comparison overlooks: case, width, look, kind.
    private static readonly string[] Alike =
        ["\"k\"", "\"K\"", "\"\uFF4B\"", "\"\u043A\"", "\"k\\u200b\"", "\"k0\"", "\"k \\u0000\"", "[\"k\"]", "{\"k\":1}", "null", "\"\"", "true"];

    [Fact]
    public async Task Nothing_is_found_in_100_000_documents_with_everything_on()
    {
        await using var place = new Workplace(Rules);
        await File.WriteAllTextAsync(place.PathOf("odd.json"), Schema);
        await WriteAsync(place.PathOf("dump.jsonl"));

        var issues = await ScanAsync(place, "couchdump:" + place.PathOf("dump.jsonl"), "all");

        Assert.Empty(issues.Select(issue => $"{issue.Type} {issue.Subject}: {issue.Message}"));
    }

    private static ValueTask<List<Model.IntegrityIssue>> ScanAsync(Workplace place, string store, string types) => ContentPlace.ScanAsync(place, store, types);

    private static async Task WriteAsync(string path)
    {
        await using var file = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 16);
        foreach (var batch in Enumerable.Range(0, Documents).Chunk(500))
        {
            await file.WriteAsync('[');
            await file.WriteAsync(string.Join(',', batch.Select(Document)));
            await file.WriteAsync("]\n");
        }
    }

    private static string Document(int number)
    {
        var group = number / 20;
        return (number % 20) switch
        {
            0 => Doc($"h{group}", "\"@type\":[\"Thing\",\"ComputerServer\"],\"name\":\"same name\""),

            // Leads on to the next group, which stands later, and in cycles; ids that look like paths and numbers.
            1 => Doc($"s/{group}", $"\"@type\":\"Stack\",\"hosts\":[\"h{group}\",{{\"@id\":\"h{Next(group)}\"}}],\"containers\":[\"a{group}.2\",\"a{group}.3\"]"),
            2 => Doc($"a{group}.2", $"\"@type\":\"SoftwareApplication\",\"name\":\"web\",\"hostedOn\":\"h{group}\",\"stack\":\"s/{group}\",\"dependsOn\":[\"a{group}.3\",\"a{group}.2\"]"),
            3 => Doc($"a{group}.3", $"\"@type\":\"SoftwareApplication\",\"name\":\"Web\",\"hostedOn\":\"h{group}\",\"stack\":null,\"dependsOn\":[\"a{group}.2\",\"a{Next(group)}.2\"]"),
            4 => Doc($"a{group}.4", $"\"@type\":\"SoftwareApplication\",\"name\":\"w eb\",\"hostedOn\":\"h{Next(group)}\",\"dependsOn\":[]"),
            5 => Doc($"_design/d{group}", "\"views\":{},\"language\":\"query\""),
            6 => Doc($"e{group}\\u00e9/\u5b57 %2F", Odd("\"big\":9007199254740993.0,\"small\":1e-1")),
            7 => Doc($"deleted{group}", "\"_deleted\":true,\"hostedOn\":\"nowhere\""),
            8 => Doc($"q{group}", Odd("\"text\":\"\\ud83d\\ude00 \u0928\u093F\\n\",\"\":[[[[]]]]")),
            var other => Doc($"o{number}", Odd(group < 1 && other - 9 < Alike.Length
                ? $"\"identifier\":{Alike[other - 9]}"
                : string.Create(CultureInfo.InvariantCulture, $"\"identifier\":{(number % 2 == 0 ? number : $"\"{number}\"")},\"note\":-0.0e+10"))),
        };
    }

    private static int Next(int group) => (group + 1) % (Documents / 20);

    private static string Odd(string more) => $"\"@type\":\"Odd\",\"a\":{{\"b\":null}},\"x.y\":0,\"list\":[{{\"n\":false}},{{\"n\":\"\"}}],{more}";

    private static string Doc(string id, string members) => $"{{\"_id\":\"{id}\",\"_rev\":\"1-a\",\"_revisions\":{{\"start\":1,\"ids\":[\"a\"]}},{members}}}";
}
