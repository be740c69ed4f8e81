using System.Globalization;

namespace IntegrityTools.Model;

/// <summary>Counts with their nouns, for sentences.</summary>
public static class Counted
{
    /// <summary>Such as <c>1 issue</c>, <c>2,000 issues</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="noun">The noun for one.</param>
    /// <param name="plural">For others; null: the noun with an s.</param>
    public static string Of(long count, string noun, string? plural = null) => $"{Number(count)} {(count == 1 ? noun : plural ?? noun + "s")}";

    /// <summary>Such as <c>2,000</c>.</summary>
    public static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
