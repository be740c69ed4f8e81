using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>One step by which documents are brought to the form that their type's rules ask, as <c>validation.migrations</c> has it.</summary>
public sealed record SchemaMigration
{
    /// <summary>The type of the documents.</summary>
    public required string DocumentType { get; init; }

    /// <summary>The field's dotted path; <c>[]</c> is any element, <c>*</c> any one step.</summary>
    public required string Path { get; init; }

    /// <summary>The value that the field gets where it is absent; null: this step gives none.</summary>
    public RawJson? Default { get; init; }

    /// <summary>The name that the field gets; null: this step renames nothing.</summary>
    public string? Rename { get; init; }

    /// <summary>The type that the value gets where nothing is lost by it: integer, number, string or boolean; null: this step changes no type.</summary>
    public string? To { get; init; }
}
