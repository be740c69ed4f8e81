using System.Globalization;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>A set of Unicode's code points, as ranges in order.</summary>
internal sealed class CodePoints
{
    /// <summary>The last one.</summary>
    public const int Last = 0x10FFFF;
    private readonly List<(int From, int To)> ranges;

    private CodePoints(IEnumerable<(int From, int To)> ranges)
    {
        this.ranges = [];
        foreach (var range in ranges.Order())
        {
            if (this.ranges.Count > 0 && range.From <= this.ranges[^1].To + 1)
            {
                this.ranges[^1] = (this.ranges[^1].From, Math.Max(this.ranges[^1].To, range.To));
            }
            else
            {
                this.ranges.Add(range);
            }
        }
    }

    /// <summary>All of some ranges, which may overlap.</summary>
    public static CodePoints Of(params IEnumerable<(int From, int To)> ranges) => new(ranges);

    /// <summary>All that belong to a general category of Unicode.</summary>
    public static CodePoints Of(Func<UnicodeCategory, bool> belongs) =>
        new(Enumerable.Range(0, Last + 1).Where(point => belongs(CharUnicodeInfo.GetUnicodeCategory(point))).Select(point => (point, point)));

    /// <summary>All of some sets.</summary>
    public static CodePoints Union(IEnumerable<CodePoints> sets) => new(sets.SelectMany(set => set.ranges));

    /// <summary>All others.</summary>
    public CodePoints Others() =>
        new(ranges.Select(range => range.To + 1).Prepend(0).Zip(ranges.Select(range => range.From - 1).Append(Last)).Where(range => range.First <= range.Second));

    /// <summary>The .NET expression that matches one of them.</summary>
    /// <param name="pairs">True when texts hold code points beyond 16 bits, which are two letters to .NET: never a half of one is matched.</param>
    public string Expression(bool pairs)
    {
        var parts = pairs ? [.. Within(0, 0xD7FF).Concat(Within(0xE000, 0xFFFF))] : Within(0, 0xFFFF).ToList();
        var single = parts is [] ? [] : new[] { parts[^1].To == 0xFFFF && !pairs ? Class("^", Others().Within(0, 0xFFFF)) : Class(string.Empty, parts) };
        string[] alternatives = [.. single, .. pairs ? Within(0x10000, Last).SelectMany(range => Pairs(range.From, range.To)) : []];
        return alternatives switch
        {
            [] => Class("^", [(0, 0xFFFF)]),
            [var only] when single.Length == 1 => only,
            _ => $"(?:{string.Join('|', alternatives)})",
        };
    }

    private static string Class(string sign, IEnumerable<(int From, int To)> ranges) =>
        ranges.Any() ? $"[{sign}{string.Concat(ranges.Select(range => Range(range.From, range.To)))}]" : "[\\u0000-\\uffff]";

    private static string Range(int from, int to) => from == to ? $"\\u{from:x4}" : $"\\u{from:x4}-\\u{to:x4}";

    // First the rest of the first half's block, then whole blocks, then the begin of the last one.
    private static IEnumerable<string> Pairs(int from, int to)
    {
        while (from <= to)
        {
            var block = from & ~0x3FF;
            var end = from == block && to - block >= 0x3FF ? ((to + 1) & ~0x3FF) - 1 : Math.Min(to, block + 0x3FF);
            yield return $"[{Range(High(from), High(end))}][{Range(Low(from), Low(end))}]";
            from = end + 1;
        }
    }

    private static int High(int point) => 0xD800 + ((point - 0x10000) >> 10);

    private static int Low(int point) => 0xDC00 + (point & 0x3FF);

    private IEnumerable<(int From, int To)> Within(int first, int last) =>
        ranges.Where(range => range.From <= last && range.To >= first).Select(range => (Math.Max(range.From, first), Math.Min(range.To, last)));
}
