using System.Management.Automation;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>PowerShell's wildcards over ids.</summary>
internal static class WildcardText
{
    /// <summary>The ids that fit the pattern.</summary>
    public static IEnumerable<string> Matching(this IEnumerable<string> ids, string pattern)
    {
        var wildcard = new WildcardPattern(pattern, WildcardOptions.IgnoreCase);
        return ids.Where(wildcard.IsMatch);
    }
}
