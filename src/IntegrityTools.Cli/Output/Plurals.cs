using System.Globalization;

namespace IntegrityTools.Cli.Output;

/// <summary>Counts with their nouns.</summary>
internal static class Plurals
{
    /// <summary>Such as <c>1 issue</c>, <c>2,000 issues</c>.</summary>
    public static string Of(long count, string noun) => $"{Number(count)} {noun}{(count == 1 ? string.Empty : "s")}";

    /// <summary>Such as <c>2,000</c>.</summary>
    public static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
