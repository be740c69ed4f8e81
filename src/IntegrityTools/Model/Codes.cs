using System.Text.Json;

namespace IntegrityTools.Model;

/// <summary>The snake_case codes of enums: written everywhere, while <c>LatestWins</c>, <c>latest_wins</c> and <c>latest-wins</c> are all read.</summary>
public static class Codes
{
    /// <summary>The code of a value, such as <c>latest_wins</c>.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Cache<T>.Names[value];

    /// <summary>All codes of an enum, in order of declaration.</summary>
    public static IReadOnlyCollection<string> All<T>()
        where T : struct, Enum => Cache<T>.Names.Values;

    /// <summary>Reads a code; false when <paramref name="text"/> is none.</summary>
    public static bool TryParse<T>(string? text, out T value)
        where T : struct, Enum
    {
        value = default;
        return text is not null && Cache<T>.Values.TryGetValue(Plain(text), out value);
    }

    private static string Plain(string text) =>
        text.Replace("_", string.Empty, StringComparison.Ordinal).Replace("-", string.Empty, StringComparison.Ordinal);

    private static class Cache<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Names =
            Enum.GetValues<T>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        public static readonly Dictionary<string, T> Values =
            Names.ToDictionary(pair => Plain(pair.Value), pair => pair.Key, StringComparer.OrdinalIgnoreCase);
    }
}
