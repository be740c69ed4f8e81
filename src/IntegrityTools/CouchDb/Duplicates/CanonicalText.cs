using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>
/// Unicode's canonical form of a text, decomposed (NFD): two texts have it in common exactly when they have their composed form (NFC) in
/// common. By tables of our own, since the runtime's normalisation does nothing where it runs without ICU, and the same data must have the same
/// duplicates on every machine.
/// </summary>
internal static class CanonicalText
{
    private const char FirstDecomposed = '\u00C0';
    private const int SyllableBase = 0xAC00;
    private const int Syllables = 11172;
    private const int VowelsAndTails = 588;
    private const int Tails = 28;

    private static readonly Lazy<(FrozenDictionary<int, string> Decompositions, FrozenDictionary<int, byte> Classes)> Tables = new(Read);

    /// <summary>The text in canonical form; the same object when it is so already because it is plain.</summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstDecomposed, char.MaxValue))
        {
            return text;
        }

        var (decompositions, classes) = Tables.Value;
        var points = new List<(int Point, byte Class)>(text.Length + 8);
        for (var index = 0; index < text.Length; index++)
        {
            var pair = char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]);
            var point = pair ? char.ConvertToUtf32(text[index], text[++index]) : text[index];
            if (point - SyllableBase is >= 0 and < Syllables and var syllable)
            {
                points.Add((0x1100 + (syllable / VowelsAndTails), 0));
                points.Add((0x1161 + (syllable % VowelsAndTails / Tails), 0));
                if (syllable % Tails > 0)
                {
                    points.Add((0x11A7 + (syllable % Tails), 0));
                }
            }
            else if (decompositions.TryGetValue(point, out var parts))
            {
                points.AddRange(parts.EnumerateRunes().Select(rune => (rune.Value, classes.GetValueOrDefault(rune.Value))));
            }
            else
            {
                points.Add((point, classes.GetValueOrDefault(point)));
            }
        }

        Order(points);
        var output = new StringBuilder(text.Length + 8);
        foreach (var (point, _) in points)
        {
            // A lone surrogate is no rune, and stays what it is.
            _ = point > char.MaxValue ? output.Append(char.ConvertFromUtf32(point)) : output.Append((char)point);
        }

        return output.ToString();
    }

    // Marks that follow one another stand in the order of their classes; those of one class as they were written.
    private static void Order(List<(int Point, byte Class)> points)
    {
        for (var start = 0; start < points.Count; start++)
        {
            var end = start;
            while (end < points.Count && points[end].Class != 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                var ordered = points.GetRange(start, end - start).OrderBy(point => point.Class).ToList();
                for (var index = 0; index < ordered.Count; index++)
                {
                    points[start + index] = ordered[index];
                }
            }

            start = end;
        }
    }

    private static (FrozenDictionary<int, string> Decompositions, FrozenDictionary<int, byte> Classes) Read()
    {
        var decompositions = new Dictionary<int, string>();
        var classes = new Dictionary<int, byte>();
        using var stream = typeof(CanonicalText).Assembly.GetManifestResourceStream("canonical.txt")!;
        using var reader = new StreamReader(stream, Encoding.ASCII);
        while (reader.ReadLine() is { } line)
        {
            var parts = line.Split(' ');
            switch (parts[0])
            {
                case "D":
                    decompositions.Add(Point(parts[1]), string.Concat(parts.Skip(2).Select(part => char.ConvertFromUtf32(Point(part)))));
                    break;
                case "C":
                    for (var point = Point(parts[1]); point <= Point(parts[2]); point++)
                    {
                        classes.Add(point, byte.Parse(parts[3], CultureInfo.InvariantCulture));
                    }

                    break;
            }
        }

        return (decompositions.ToFrozenDictionary(), classes.ToFrozenDictionary());
    }

    private static int Point(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
