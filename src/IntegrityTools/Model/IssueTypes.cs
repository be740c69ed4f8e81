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

    private static readonly Dictionary<string, string[]> Groups = new(StringComparer.OrdinalIgnoreCase)
    {
        ["all"] = [RevisionConflict, EditDeleteConflict, UnreadableEntry],
        ["conflicts"] = [RevisionConflict, EditDeleteConflict],
        ["storage"] = [UnreadableEntry],
    };

    private static readonly string[] Known = [RevisionConflict, EditDeleteConflict, ResolvedConflict, UnreadableEntry];

    /// <summary>Every code and group that <c>-Type</c> and <c>--type</c> take.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Groups.Keys, .. Known];

    /// <summary>Turns codes and groups (snake_case or PascalCase) into a set of codes; empty means <c>all</c>.</summary>
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

        return codes.Count == 0 ? Groups["all"].ToHashSet(StringComparer.Ordinal) : codes;
    }

    private static string Plain(string name) => name.Trim().Replace("_", string.Empty, StringComparison.Ordinal);
}
