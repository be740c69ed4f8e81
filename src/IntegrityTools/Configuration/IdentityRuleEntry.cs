using IntegrityTools.CouchDb.Json;

namespace IntegrityTools.Configuration;

/// <summary>An element of <c>validation.identities</c>.</summary>
internal sealed class IdentityRuleEntry : ValueKind<IdentityRule>
{
    private static readonly IdentityRule Empty = new() { Fields = [] };

    private static readonly Setting<IdentityRule>[] Table =
    [
        new Setting<IdentityRule, string?>("document_type", ValueKinds.OptionalText, r => r.DocumentType, (r, v) => r with { DocumentType = v == "*" ? null : v },
            "The type of the documents; not set or *: any, of which only those of the same type are compared."),
        new Setting<IdentityRule, IReadOnlyList<string>>("fields", new ListKind<string>(ValueKinds.Text), r => r.Fields, (r, v) => r with { Fields = v },
            "The dotted paths that make the key; a document that lacks one has no key."),
        new Setting<IdentityRule, IReadOnlyList<KeyDifference>>("ignore", new ListKind<KeyDifference>(ValueKinds.Code<KeyDifference>()), r => r.Ignore,
            (r, v) => r with { Ignore = v }, "Differences between texts that do not count: case, space, unicode (its composed and decomposed characters). What is not named counts, so case does unless it is named; an empty list: every character does."),
    ];

    public override string Name => "an identity";

    public override bool TryRead(ConfigurationNode node, string path, ConfigurationReader reader, out IdentityRule value)
    {
        value = Empty;
        if (node is not MapNode map)
        {
            reader.Fail(node, path, "Expected a map with fields, and if need be document_type and ignore.");
            return false;
        }

        var before = reader.Errors.Count;
        value = reader.Read(value, Table, map.Entries, path + ".");
        if (reader.Errors.Count == before && value.Fields.Count == 0)
        {
            reader.Fail(node, path, "An identity needs fields.");
        }

        if (reader.Errors.Count == before && value.Fields.FirstOrDefault(field => FieldPath.Steps(field).Any(step => step.IsAny)) is { } several)
        {
            reader.Fail(node, path, $"'{several}' means several values: a key is made of fields with one.");
        }

        return reader.Errors.Count == before;
    }

    public override string Format(IdentityRule value) => $"{value.DocumentType ?? "*"}: {string.Join(" + ", value.Fields)}";

    public override IEnumerable<ConfigurationKey> Keys(string path) => Table.SelectMany(setting => setting.Keys(Empty, path + "."));
}
