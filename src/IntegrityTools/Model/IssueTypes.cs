namespace IntegrityTools.Model;

/// <summary>The codes of faults and their groups. More may be added; none is ever renamed.</summary>
public static class IssueTypes
{
    /// <summary>Two or more live leaf revisions of one document.</summary>
    public const string RevisionConflict = "revision_conflict";

    /// <summary>A live leaf beside a deleted leaf whose parent is an ancestor of the live one: somebody deleted what another edited.</summary>
    public const string EditDeleteConflict = "edit_delete_conflict";

    /// <summary>A deleted leaf at the end of a branch of its own: what every resolved conflict leaves behind. Listed on request only.</summary>
    public const string ResolvedConflict = "resolved_conflict";

    /// <summary>A line or value of the store itself that cannot be read; the rest was scanned.</summary>
    public const string UnreadableEntry = "unreadable_entry";

    /// <summary>Fields that a document of its type must have are not there.</summary>
    public const string MissingField = "missing_field";

    /// <summary>A document's type is none of the known ones.</summary>
    public const string UnknownType = "unknown_type";

    /// <summary>A reference leads to no document, to a deleted one, or to one of another type.</summary>
    public const string MissingReference = "missing_reference";

    /// <summary>A document does not fit its type's JSON Schema.</summary>
    public const string SchemaViolation = "schema_violation";

    /// <summary>A schema that cannot be used: it is not there, does not compile, or a pattern in it takes too long. Its type's documents were not held against it.</summary>
    public const string UnusableSchema = "unusable_schema";

    /// <summary>The store lists one id twice. Never repaired automatically.</summary>
    public const string IdCollision = "id_collision";

    private static readonly string[] Validation = [MissingField, UnknownType, MissingReference, SchemaViolation, UnusableSchema];

    private static readonly string[] Usual = [RevisionConflict, EditDeleteConflict, UnreadableEntry];

    private static readonly Dictionary<string, string[]> Groups = new(StringComparer.OrdinalIgnoreCase)
    {
        ["all"] = [.. Usual, .. Validation, IdCollision],
        ["conflicts"] = [RevisionConflict, EditDeleteConflict],
        ["duplicates"] = [IdCollision],
        ["validation"] = Validation,
        ["storage"] = [UnreadableEntry],
    };

    private static readonly string[] Known = [RevisionConflict, EditDeleteConflict, ResolvedConflict, UnreadableEntry, .. Validation, IdCollision];

    /// <summary>Every code and group that <c>-Type</c> and <c>--type</c> take.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Groups.Keys, .. Known];

    /// <summary>Turns codes and groups (snake_case or PascalCase) into a set of codes; empty means what is
    /// found without reading every body: conflicts and storage.</summary>
    /// <exception cref="IntegrityException">A name is neither a code nor a group.</exception>
    public static IReadOnlySet<string> Expand(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var codes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var plain = Plain(name);
            if (Groups.FirstOrDefault(group => Plain(group.Key).Equals(plain, StringComparison.OrdinalIgnoreCase)).Value is { } group)
            {
                codes.UnionWith(group);
            }
            else if (Known.FirstOrDefault(code => Plain(code).Equals(plain, StringComparison.OrdinalIgnoreCase)) is { } code)
            {
                codes.Add(code);
            }
            else
            {
                throw new IntegrityException(
                    ErrorIds.UnknownIssueType, $"'{name}' is no issue type.", name, $"Use one of: {string.Join(", ", Names)}.");
            }
        }

        return codes.Count == 0 ? Usual.ToHashSet(StringComparer.Ordinal) : codes;
    }

    private static string Plain(string name) => name.Trim().Replace("_", string.Empty, StringComparison.Ordinal);
}
