using System.Text;

namespace IntegrityTools.CouchDb.Sharing;

/// <summary>Finds texts between two ids. CouchDB orders ids by their bytes, which is the order of their code points.</summary>
internal static class IdSpace
{
    // Code points below the space are in no id that anybody wrote; ids of plain letters are halved among plain letters.
    private const int BelowAll = 0x1F;
    private const int AbovePlain = 0x7F;
    private const int AboveAll = 0x110000;
    private const int FirstSurrogate = 0xD800;
    private const int AfterSurrogates = 0xE000;

    /// <summary>A text behind <paramref name="low"/> and before <paramref name="high"/> (null: the end), about half way; null when there is none to be found.</summary>
    public static string? Between(string low, string? high)
    {
        var from = low.EnumerateRunes().Select(rune => rune.Value).ToList();
        var to = high?.EnumerateRunes().Select(rune => rune.Value).ToList();
        var text = new StringBuilder();
        for (var at = 0; at <= from.Count; at++)
        {
            var least = at < from.Count ? from[at] : BelowAll;
            var most = to is null ? (least < AbovePlain - 1 ? AbovePlain : AboveAll) : at < to.Count ? to[at] : BelowAll;
            if (Middle(least, most) is { } middle)
            {
                return text.Append(new Rune(middle)).ToString();
            }

            if (at == from.Count)
            {
                break;
            }

            // What begins with less than the high id stands before it, whatever follows.
            to = least == most ? to : null;
            text.Append(new Rune(least));
        }

        return null;
    }

    private static int? Middle(int least, int most)
    {
        var middle = (least + most) / 2;
        middle = middle is >= FirstSurrogate and < AfterSurrogates ? FirstSurrogate - 1 : middle;
        return middle > least && middle < most ? middle : null;
    }
}
