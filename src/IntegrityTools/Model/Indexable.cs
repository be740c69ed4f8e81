using System.Diagnostics.CodeAnalysis;

namespace IntegrityTools.Model;

/// <summary>
/// Lists that PowerShell can index. What the compiler makes of a collection expression for an IReadOnlyList is a type of its own without a public
/// indexer: there <c>$list[0]</c> is all of it, and <c>$list[1]</c> nothing.
/// </summary>
internal static class Indexable
{
    /// <summary>The list itself where it is an array or a List, else an array of the same.</summary>
    [return: NotNullIfNotNull(nameof(list))]
    public static IReadOnlyList<T>? Of<T>(IReadOnlyList<T>? list) => list is null or T[] or List<T> ? list : list.ToArray();
}
