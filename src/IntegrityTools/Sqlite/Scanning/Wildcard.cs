using System.IO.Enumeration;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>Patterns of names with <c>*</c> and <c>?</c>.</summary>
internal static class Wildcard
{
    /// <summary>True when the name fits; no name fits no pattern.</summary>
    public static bool IsMatch(string pattern, string? name) => name is not null && FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
