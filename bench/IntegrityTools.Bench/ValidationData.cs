using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace IntegrityTools.Bench;

/// <summary>Applications on hosts in stacks, some 330 bytes each, the same for the same arguments; every reference leads somewhere and every schema is met, but for the faults.</summary>
/// <param name="documents">How many documents: one in a hundred is a host, one in a hundred a stack.</param>
/// <param name="faults">How many applications name a host that is not there, and how many more do not fit their schema.</param>
internal sealed class ValidationData(int documents, int faults)
{
    private const int Share = 100;

    /// <summary>A name that tells this data from any other, fit for a database.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"bench-validation-v1-{documents}-{faults}");

    /// <summary>What is configured for it; the schemas are written into a folder.</summary>
    public static string Settings(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (type, schema) in Schemas)
        {
            File.WriteAllText(Path.Combine(folder, $"{type}.json"), schema);
        }

        var places = Schemas.Select(schema => $"    {schema.Type}: \"{Path.Combine(folder, schema.Type)}.json\"");
        return $"""
            validation:
              known_types: [{string.Join(", ", Schemas.Select(schema => schema.Type))}]
              required_fields:
                SoftwareApplication: [name, hostedOn]
                ComputerServer: [name]
              schemas:
            {string.Join(Environment.NewLine, places)}

            """;
    }

    private static readonly (string Type, string Schema)[] Schemas =
    [
        ("SoftwareApplication", """
            {"type":"object","required":["@type","name","status"],"additionalProperties":false,"properties":{"@type":true,"name":{"type":"string","pattern":"^app "},
            "hostedOn":{"type":"string"},"stack":{"type":"string"},"dependsOn":{"type":"array","items":{"type":"string"},"uniqueItems":true},
            "status":{"enum":["running","stopped"]},"ports":{"type":"array","items":{"type":"object","properties":{"number":{"type":"integer","minimum":1,"maximum":65535}}}},
            "image":{"type":"string","maxLength":200},"dateModified":{"type":"string"}}}
            """),
        ("ComputerServer", """{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}"""),
        ("Stack", """{"type":"object","properties":{"hosts":{"type":"array","items":{"type":"string"}}}}"""),
    ];

    /// <summary>All documents, as <c>_bulk_docs</c> takes them with <c>new_edits:false</c>.</summary>
    public IEnumerable<byte[]> Documents() => Enumerable.Range(0, documents).Select(index => Encoding.UTF8.GetBytes((index % Share) switch
    {
        0 => Document("host", index, $"\"@type\":\"ComputerServer\",\"name\":\"host {index}\",\"note\":\"{new string('h', 150)}\""),
        1 => Document("stack", index, $"\"@type\":\"Stack\",\"hosts\":[\"{Host(index)}\"],\"containers\":[{string.Join(',', Enumerable.Range(index + 1, 20).Select(app => $"\"{Id("app", app)}\""))}]"),
        _ => Application(index),
    }));

    private string Application(int index)
    {
        // The first applications are the wrong ones: those with no host, then those with a port that none is.
        var number = index - 2 - (index / Share * 2);
        var host = number < faults ? "host-nowhere" : Host(index);
        var port = number >= faults && number < 2 * faults ? 0 : 1 + (index % 60000);
        var next = index % Share == Share - 1 ? index : index + 1;
        return Document(
            "app", index,
            $"\"@type\":\"SoftwareApplication\",\"name\":\"app {index}\",\"hostedOn\":\"{host}\",\"stack\":\"{Id("stack", (index / Share * Share) + 1)}\",\"dependsOn\":[\"{Id("app", next)}\"],"
            + $"\"status\":\"running\",\"ports\":[{{\"number\":{port}}}],\"image\":\"registry.example.org/{index % 50}:{index % 7}\",\"dateModified\":\"2025-01-01T00:00:00Z\"");
    }

    private static string Host(int index) => Id("host", index / Share * Share);

    private static string Id(string kind, int index) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{index:D8}");

    private static string Document(string kind, int index, string members)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Id(kind, index))).AsSpan(0, 16));
        return $"{{\"_id\":\"{Id(kind, index)}\",\"_rev\":\"1-{hash}\",\"_revisions\":{{\"start\":1,\"ids\":[\"{hash}\"]}},{members}}}";
    }
}
