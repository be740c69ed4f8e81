using System.Buffers.Binary;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Reads every page once, in the order of the file, and notes what it looks like.</summary>
internal sealed class Surveyor(PageFile file, PageAtlas atlas)
{
    // The page that holds byte 2^30 is never used: SQLite's locks are on its bytes.
    private const long LockByte = 1L << 30;
    private const int EncodingSamples = 4000;

    private readonly byte[] page = new byte[file.PageSize];
    private readonly RecordLayout layout = new();
    private readonly int[] texts = new int[4];

    /// <summary>Leaves whose records look like sqlite_schema's, wherever they lie.</summary>
    public List<uint> SchemaPages { get; } = [];

    /// <summary>Interior pages.</summary>
    public List<uint> Interior { get; } = [];

    /// <summary>The encoding that schema rows are written in; null when none was found.</summary>
    public TextEncoding? SchemaEncoding { get; private set; }

    /// <summary>The encoding that texts look written in; null when there are too few.</summary>
    public TextEncoding? LikelyEncoding => texts[0] < 4 ? null
        : texts[(int)TextEncoding.Utf16Le] * 2 > texts[0] ? TextEncoding.Utf16Le
        : texts[(int)TextEncoding.Utf16Be] * 2 > texts[0] ? TextEncoding.Utf16Be
        : TextEncoding.Utf8;

    /// <summary>Looks at all pages.</summary>
    /// <param name="report">Hears the pages done.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public void Run(Action<uint> report, CancellationToken cancellationToken)
    {
        var locked = (uint)(LockByte / file.PageSize) + 1;
        for (var number = 1u; number <= atlas.Count; number++)
        {
            if ((number & 0x3ff) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                report(number);
            }

            if (number == locked)
            {
                atlas.Mark(number, PageMark.Map);
            }
            else if (file.Read(number, page))
            {
                Look(number);
            }
        }

        ReadPointerMaps(locked);
    }

    private void Look(uint number)
    {
        var view = BtreePage.Of(page, number, file.Usable);
        if (!view.IsPlausible())
        {
            return;
        }

        atlas.SetKind(number, view.Kind);
        if (view.IsInterior)
        {
            Interior.Add(number);
        }

        for (var index = 0; index < view.CellCount && view.Kind != PageKind.TableInterior; index++)
        {
            if (!view.TryCell(index, out var cell))
            {
                continue;
            }

            if (cell.Overflow != 0)
            {
                atlas.Mark(number, PageMark.Spills);
            }

            if (!view.IsInterior && (index == 0 || texts[0] < EncodingSamples)
                && layout.TryRead(page.AsSpan(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength))
            {
                Sample(number, index, cell);
            }
        }
    }

    private void Sample(uint number, int index, in Cell cell)
    {
        var record = page.AsSpan(cell.PayloadOffset, cell.LocalLength);
        if (page[number == 1 ? DatabaseHeader.Length : 0] == (byte)PageKind.TableLeaf && layout.Count == 5 && layout.IsText(0) && layout.OffsetOf(0) + layout.LengthOf(0) <= record.Length
            && SchemaWord(layout.Bytes(0, record)) is { } encoding && layout.IsText(1) && layout.IsText(2))
        {
            SchemaEncoding ??= encoding;
            if (SchemaPages.Count == 0 || SchemaPages[^1] != number)
            {
                SchemaPages.Add(number);
            }
        }

        for (var field = 0; field < layout.Count && index < 8; field++)
        {
            if (layout.IsText(field) && layout.LengthOf(field) >= 4 && layout.OffsetOf(field) + layout.LengthOf(field) <= record.Length)
            {
                texts[0]++;
                texts[(int)Likely(layout.Bytes(field, record))]++;
            }
        }
    }

    private static TextEncoding? SchemaWord(ReadOnlySpan<byte> text) =>
        Is(text, "table") ?? Is(text, "index") ?? Is(text, "view") ?? Is(text, "trigger");

    private static TextEncoding? Is(ReadOnlySpan<byte> text, string word) =>
        text.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(word)) ? TextEncoding.Utf8
        : text.SequenceEqual(System.Text.Encoding.Unicode.GetBytes(word)) ? TextEncoding.Utf16Le
        : text.SequenceEqual(System.Text.Encoding.BigEndianUnicode.GetBytes(word)) ? TextEncoding.Utf16Be
        : null;

    private static TextEncoding Likely(ReadOnlySpan<byte> text)
    {
        var (even, odd) = (0, 0);
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == 0)
            {
                _ = (index & 1) == 0 ? even++ : odd++;
            }
        }

        return (text.Length & 1) != 0 ? TextEncoding.Utf8
            : odd * 4 > text.Length && even == 0 ? TextEncoding.Utf16Le
            : even * 4 > text.Length && odd == 0 ? TextEncoding.Utf16Be
            : TextEncoding.Utf8;
    }

    private void ReadPointerMaps(uint locked)
    {
        var entries = (uint)(file.Usable / 5);
        if (atlas.Count < 3 || !file.Read(2, page) || !LooksLikeMap(entries))
        {
            return;
        }

        for (var map = 2u; map <= atlas.Count; map += entries + 1)
        {
            var at = map == locked ? map + 1 : map;
            if (!file.Read(at, page))
            {
                break;
            }

            atlas.Mark(at, PageMark.Map);
            atlas.SetKind(at, PageKind.None);
            for (var index = 0u; index < entries && at + 1 + index <= atlas.Count && !file.IsDoubtful(at); index++)
            {
                if (page[(int)index * 5] is >= 1 and <= 5 and var type)
                {
                    atlas.SetMapped(at + 1 + index, type);
                }
            }
        }
    }

    // An entry is a kind of page and the page that names it: none names a root or a free page.
    private bool LooksLikeMap(uint entries)
    {
        var count = Math.Min(entries, atlas.Count - 2);
        var good = 0u;
        for (var index = 0; index < count; index++)
        {
            var parent = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan((index * 5) + 1));
            good += page[index * 5] is 1 or 2 ? (parent == 0 ? 1u : 0u) : page[index * 5] is >= 3 and <= 5 && atlas.Has(parent) ? 1u : 0u;
        }

        return count > 0 && good * 10 >= count * 9;
    }
}
