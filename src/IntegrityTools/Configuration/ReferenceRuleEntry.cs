namespace IntegrityTools.Configuration;

/// <summary>An element of <c>validation.references</c>.</summary>
internal sealed class ReferenceRuleEntry : ValueKind<ReferenceRule>
{
    private static readonly ReferenceRule Empty = new() { DocumentType = string.Empty, Path = string.Empty };

    private static readonly Setting<ReferenceRule>[] Table =
    [
        new Setting<ReferenceRule, string>("document_type", ValueKinds.Text, r => r.DocumentType, (r, v) => r with { DocumentType = v },
            "The type of the documents that have the field."),
        new Setting<ReferenceRule, string>("path", ValueKinds.Text, r => r.Path, (r, v) => r with { Path = v },
            "The field's dotted path; [] is any element, * any one step."),
        new Setting<ReferenceRule, string?>("target_type", ValueKinds.OptionalText, r => r.TargetType, (r, v) => r with { TargetType = v },
            "The type that the other document must have; not set: any."),
        new Setting<ReferenceRule, ReferenceRepair>("repair", ValueKinds.Code<ReferenceRepair>(), r => r.Repair, (r, v) => r with { Repair = v },
            "What a repair does with a reference that leads nowhere."),
        new Setting<ReferenceRule, string?>("placeholder", ValueKinds.OptionalText, r => r.Placeholder, (r, v) => r with { Placeholder = v },
            "The id of the document to which repair: placeholder makes it lead."),
    ];

    public override string Name => "a reference";

    public override bool TryRead(ConfigurationNode node, string path, ConfigurationReader reader, out ReferenceRule value)
    {
        value = Empty;
        if (node is not MapNode map)
        {
            reader.Fail(node, path, "Expected a map with document_type, path and target_type.");
            return false;
        }

        var before = reader.Errors.Count;
        value = reader.Read(value, Table, map.Entries, path + ".");
        if (reader.Errors.Count == before && (value.DocumentType is "" or "*" || value.Path.Length == 0))
        {
            reader.Fail(node, path, "A reference needs one document_type and a path.");
        }

        if (reader.Errors.Count == before && (value.Repair == ReferenceRepair.Placeholder) != (value.Placeholder is not null))
        {
            reader.Fail(node, path, "Expected repair: placeholder and a placeholder, or neither.");
        }

        return reader.Errors.Count == before;
    }

    public override string Format(ReferenceRule value) => $"{value.DocumentType}.{value.Path}";

    public override IEnumerable<ConfigurationKey> Keys(string path) => Table.SelectMany(setting => setting.Keys(Empty, path + "."));
}
