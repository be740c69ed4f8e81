using System.Globalization;
using System.Text;

namespace IntegrityTools.Configuration;

/// <summary>Durations as integrity.yaml writes them: whole numbers with units, the greatest first: <c>30s</c>, <c>5m</c>, <c>1h30m</c>, <c>30d</c>.</summary>
public static class Duration
{
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("w", TimeSpan.TicksPerDay * 7), ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads a duration; units: w, d, h, m, s, ms, each at most once and in this order.</summary>
    /// <param name="text">The duration.</param>
    /// <param name="value">What it means; zero when false is returned.</param>
    /// <returns>False when it is none, or too long to be kept.</returns>
    public static bool TryParse(string? text, out TimeSpan value)
    {
        value = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var ticks = 0L;
        var nextUnit = 0;
        for (var position = 0; position < text.Length;)
        {
            var digits = position;
            while (position < text.Length && char.IsAsciiDigit(text[position]))
            {
                position++;
            }

            var letters = position;
            while (position < text.Length && char.IsAsciiLetterLower(text[position]))
            {
                position++;
            }

            var unit = Array.FindIndex(Units, nextUnit, candidate => text.AsSpan(letters, position - letters).SequenceEqual(candidate.Unit));
            if (unit < 0
                || !long.TryParse(text.AsSpan(digits, letters - digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                || count > (long.MaxValue - ticks) / Units[unit].Ticks)
            {
                return false;
            }

            ticks += count * Units[unit].Ticks;
            nextUnit = unit + 1;
        }

        value = TimeSpan.FromTicks(ticks);
        return true;
    }

    /// <summary>Writes a duration, without weeks, so that it reads as people say it: <c>90d</c>, <c>1h30m</c>. Parts of a millisecond are cut.</summary>
    public static string Format(TimeSpan value)
    {
        var text = new StringBuilder();
        var ticks = value.Ticks;
        foreach (var (unit, size) in Units.AsSpan(1))
        {
            if (ticks >= size)
            {
                text.Append(CultureInfo.InvariantCulture, $"{ticks / size}{unit}");
                ticks %= size;
            }
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }
}
