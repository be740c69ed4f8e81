using System.Text.Json;

namespace IntegrityTools.Model;

/// <summary>The snake_case codes of enums: written everywhere, while <c>LatestWins</c>, <c>latest_wins</c> and <c>latest-wins</c> are all read.</summary>
public static class Codes
{
    /// <summary>The code of a value, such as <c>latest_wins</c>.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Cache<T>.NameOf(value);

    /// <summary>All codes of an enum, in order of declaration.</summary>
    public static IReadOnlyCollection<string> All<T>()
        where T : struct, Enum => Cache<T>.Names;

    /// <summary>Reads a code; false when <paramref name="text"/> is none.</summary>
    public static bool TryParse<T>(string? text, out T value)
        where T : struct, Enum
    {
        value = default;
        if (text is null)
        {
            return false;
        }

        var plain = Plain(text);
        for (var index = 0; index < Cache<T>.Plain.Length; index++)
        {
            if (Cache<T>.Plain[index].Equals(plain, StringComparison.OrdinalIgnoreCase))
            {
                value = Cache<T>.Values[index];
                return true;
            }
        }

        return false;
    }

    private static string Plain(string text) =>
        text.Replace("_", string.Empty, StringComparison.Ordinal).Replace("-", string.Empty, StringComparison.Ordinal);

    private static class Cache<T>
        where T : struct, Enum
    {
        // A handful of values each: arrays, since every enum would have its own dictionary compiled at start-up.
        public static readonly T[] Values = Enum.GetValues<T>();
        public static readonly string[] Names = Array.ConvertAll(Enum.GetNames<T>(), JsonNamingPolicy.SnakeCaseLower.ConvertName);
        public static readonly string[] Plain = Array.ConvertAll(Names, Codes.Plain);

        public static string NameOf(T value)
        {
            for (var index = 0; index < Values.Length; index++)
            {
                if (EqualityComparer<T>.Default.Equals(Values[index], value))
                {
                    return Names[index];
                }
            }

            throw new ArgumentOutOfRangeException(nameof(value), value, $"This is no {typeof(T).Name}.");
        }
    }
}
