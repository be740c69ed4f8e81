namespace IntegrityTools.Configuration;

/// <summary>A field that names another document, as <c>validation.references</c> has it.</summary>
public sealed record ReferenceRule
{
    /// <summary>The type of the documents that have the field.</summary>
    public required string DocumentType { get; init; }

    /// <summary>The field's dotted path; <c>[]</c> is any element, <c>*</c> any one step.</summary>
    public required string Path { get; init; }

    /// <summary>The type that the other document must have; null: any.</summary>
    public string? TargetType { get; init; }

    /// <summary>What a repair does where the reference leads nowhere.</summary>
    public ReferenceRepair Repair { get; init; }

    /// <summary>The id of the document that then takes the place of the missing one.</summary>
    public string? Placeholder { get; init; }
}
