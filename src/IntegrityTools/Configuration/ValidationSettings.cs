namespace IntegrityTools.Configuration;

/// <summary>The <c>validation:</c> part of integrity.yaml.</summary>
public sealed record ValidationSettings
{
    /// <summary>Whether references must lead to a document.</summary>
    public bool CheckReferences { get; init; } = true;

    /// <summary>Whether documents are held against their type's schema.</summary>
    public bool CheckSchemas { get; init; } = true;

    /// <summary>Whether unknown fields and types are issues.</summary>
    public bool StrictMode { get; init; }

    /// <summary>The types that documents may have; empty: any.</summary>
    public IReadOnlyList<string> KnownTypes { get; init; } = [];

    /// <summary>Paths that documents must have, by type.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> RequiredFields { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>By type, the file that holds its JSON Schema (a full path), or <c>document:ID</c> for a document of the database itself.</summary>
    public IReadOnlyDictionary<string, string> Schemas { get; init; } = new Dictionary<string, string>();

    /// <summary>Fields that name other documents.</summary>
    public IReadOnlyList<ReferenceRule> References { get; init; } =
    [
        new ReferenceRule { DocumentType = "SoftwareApplication", Path = "hostedOn", TargetType = "ComputerServer" },
        new ReferenceRule { DocumentType = "SoftwareApplication", Path = "stack", TargetType = "Stack" },
        new ReferenceRule { DocumentType = "SoftwareApplication", Path = "dependsOn[]", TargetType = "SoftwareApplication" },
        new ReferenceRule { DocumentType = "Stack", Path = "hosts[]", TargetType = "ComputerServer" },
        new ReferenceRule { DocumentType = "Stack", Path = "containers[]", TargetType = "SoftwareApplication" },
    ];

    /// <summary>Fields by which documents under several ids are known to mean the same thing.</summary>
    public IReadOnlyList<IdentityRule> Identities { get; init; } =
    [
        new IdentityRule { Fields = ["identifier"] },
        new IdentityRule { DocumentType = "SoftwareApplication", Fields = ["name", "hostedOn"] },
    ];

    /// <summary>Steps that bring documents to the form that their type's rules ask, in their order.</summary>
    public IReadOnlyList<SchemaMigration> Migrations { get; init; } = [];
}
