using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>An element of <c>validation.migrations</c>: a path, and exactly one word on what to do there.</summary>
internal sealed class SchemaMigrationEntry : ValueKind<SchemaMigration>
{
    private static readonly SchemaMigration Empty = new() { DocumentType = string.Empty, Path = string.Empty };
    private static readonly string[] Targets = ["integer", "number", "string", "boolean"];

    private static readonly Setting<SchemaMigration>[] Table =
    [
        new Setting<SchemaMigration, string>("document_type", ValueKinds.Text, m => m.DocumentType, (m, v) => m with { DocumentType = v },
            "The type of the documents."),
        new Setting<SchemaMigration, string>("path", ValueKinds.Text, m => m.Path, (m, v) => m with { Path = v },
            "The field's dotted path; [] is any element, * any one step."),
        new Setting<SchemaMigration, RawJson?>("default", new ScalarKind<RawJson?>("a value", ReadValue, value => value?.Text ?? string.Empty), m => m.Default,
            (m, v) => m with { Default = v }, "The value that the field gets where it is absent."),
        new Setting<SchemaMigration, string?>("rename", ValueKinds.OptionalText, m => m.Rename, (m, v) => m with { Rename = v },
            "The name that the field gets, unless something has it already."),
        new Setting<SchemaMigration, string?>("to", new ScalarKind<string?>($"one of {string.Join(", ", Targets)}", ReadTarget, value => value ?? string.Empty), m => m.To,
            (m, v) => m with { To = v }, "The type that the value gets, where nothing is lost by it."),
    ];

    public override string Name => "a migration";

    public override bool TryRead(ConfigurationNode node, string path, ConfigurationReader reader, out SchemaMigration value)
    {
        value = Empty;
        if (node is not MapNode map)
        {
            reader.Fail(node, path, "Expected a map with document_type, path and one of default, rename and to.");
            return false;
        }

        var before = reader.Errors.Count;
        value = reader.Read(value, Table, map.Entries, path + ".");
        if (reader.Errors.Count == before && (value.DocumentType is "" or "*" || value.Path.Length == 0))
        {
            reader.Fail(node, path, "A migration needs one document_type and a path.");
        }

        if (reader.Errors.Count == before && (value.Default is null ? 0 : 1) + (value.Rename is null ? 0 : 1) + (value.To is null ? 0 : 1) != 1)
        {
            reader.Fail(node, path, "Expected exactly one of default, rename and to.");
        }

        return reader.Errors.Count == before;
    }

    public override string Format(SchemaMigration value) => $"{value.DocumentType}.{value.Path}";

    public override IEnumerable<ConfigurationKey> Keys(string path) => Table.SelectMany(setting => setting.Keys(Empty, path + "."));

    // What is written without quotes and is a number, true or false in JSON is that; all else is a text.
    private static bool ReadValue(ScalarNode node, ConfigurationReader reader, out RawJson? value, out string? reason)
    {
        reason = null;
        value = RawJson.FromText($"\"{JsonEncodedText.Encode(node.Text)}\"");
        if (node.Plain && node.Text.Length > 0 && (char.IsAsciiDigit(node.Text[^1]) || node.Text is "true" or "false"))
        {
            try
            {
                var plain = RawJson.FromText(node.Text);
                using var read = plain.Parse();
                value = plain;
            }
            catch (JsonException)
            {
                // A text such as 2024-01-01.
            }
        }

        return true;
    }

    private static bool ReadTarget(ScalarNode node, ConfigurationReader reader, out string? value, out string? reason)
    {
        (value, reason) = (node.Text, null);
        return Array.IndexOf(Targets, node.Text) >= 0;
    }
}
