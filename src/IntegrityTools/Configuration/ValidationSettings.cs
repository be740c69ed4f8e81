namespace IntegrityTools.Configuration;

/// <summary>The <c>validation:</c> part of integrity.yaml.</summary>
public sealed record ValidationSettings
{
    private static readonly IReadOnlyList<ReferenceRule> DefaultReferences =
    [
        new ReferenceRule { DocumentType = "SoftwareApplication", Path = "hostedOn", TargetType = "ComputerServer" },
        new ReferenceRule { DocumentType = "SoftwareApplication", Path = "stack", TargetType = "Stack" },
        new ReferenceRule { DocumentType = "SoftwareApplication", Path = "dependsOn[]", TargetType = "SoftwareApplication" },
        new ReferenceRule { DocumentType = "Stack", Path = "hosts[]", TargetType = "ComputerServer" },
        new ReferenceRule { DocumentType = "Stack", Path = "containers[]", TargetType = "SoftwareApplication" },
    ];

    private static readonly IReadOnlyList<IdentityRule> DefaultIdentities =
    [
        new IdentityRule { Fields = ["identifier"] },
        new IdentityRule { DocumentType = "SoftwareApplication", Fields = ["name", "hostedOn"] },
    ];

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
    public IReadOnlyList<ReferenceRule> References { get; init; } = DefaultReferences;

    /// <summary>Fields by which documents under several ids are known to mean the same thing.</summary>
    public IReadOnlyList<IdentityRule> Identities { get; init; } = DefaultIdentities;

    /// <summary>Steps that bring documents to the form that their type's rules ask, in their order.</summary>
    public IReadOnlyList<SchemaMigration> Migrations { get; init; } = [];

    /// <summary>
    /// True when something is configured for which every document's body has to be read: types, fields, references, identities or schemas of your own. The
    /// references and identities that are there by default do not count, so that a plain scan stays cheap.
    /// </summary>
    public bool AsksForBodies =>
        StrictMode || KnownTypes.Count > 0 || RequiredFields.Count > 0 || (CheckSchemas && Schemas.Count > 0)
        || (CheckReferences && !ReferenceEquals(References, DefaultReferences) && References.Count > 0)
        || (!ReferenceEquals(Identities, DefaultIdentities) && Identities.Count > 0);
}
