namespace IntegrityTools.Sqlite.Format;

/// <summary>What a lost header would say, told from the pages: their size is the one at which most bytes make sense as b-tree pages.</summary>
internal static class HeaderGuess
{
    private const int Smallest = 512;
    private const int Largest = 65536;
    private const int Dense = 1000;
    private const int Sparse = 64;
    private const int LeastUsable = 480;
    private const int LeastReserved = 4;
    private const int LeastShifted = 3;
    private const double Enough = 0.2;
    private const double Convincing = 0.3;

    // None; then what checksums and encryption keep.
    private static readonly int[] UsualReserved = [0, 8, 12, 16, 20, 24, 28, 32, 48, 64, 80];

    /// <summary>The size of the pages; 0 when no size makes sense of any page.</summary>
    public static int PageSize(PageFile file)
    {
        foreach (var filled in (bool[])[true, false])
        {
            var best = 0;
            var most = 0.0;

            // Bytes that extensions keep at the end of each page move what goes on elsewhere; they are rare, and looked for where little else makes sense.
            foreach (var reserved in UsualReserved.TakeWhile(reserved => reserved == 0 || most < Convincing))
            {
                for (var size = Smallest; size <= Largest; size *= 2)
                {
                    if (size - reserved >= LeastUsable && Share(file, size, 0, reserved, filled) is var share && share > most)
                    {
                        (best, most) = (size, share);
                    }
                }
            }

            if (best > 0)
            {
                return best;
            }
        }

        return ShiftedPageSize(file);
    }

    // Where bytes came in before them, or are gone, all pages stand beside their places. One alone may look like a page by accident: there are many places.
    private static int ShiftedPageSize(PageFile file)
    {
        var layout = new RecordLayout();
        var (best, most) = (0, LeastShifted - 1);
        for (var size = 2 * Smallest; size <= Largest; size *= 2)
        {
            var page = new byte[size];
            for (var shift = Smallest; shift < size; shift += Smallest)
            {
                var good = 0;
                for (var number = 0; number < Sparse && ((number + 1L) * size) + shift <= file.FileLength; number++)
                {
                    good += IsFilled(file, ((long)number * size) + shift, page, layout, size) ? 1 : 0;
                }

                (best, most) = good > most ? (size, good) : (best, most);
            }
        }

        return best;
    }

    /// <summary>Whether enough of a file makes sense with pages of a size that nobody needs to guess.</summary>
    public static bool Suits(PageFile file, int size, int reserved)
    {
        // Where most pages hold parts of large values, few are pages of trees; the first always is one.
        if (IsFilled(file, 0, new byte[size], new RecordLayout(), size - reserved))
        {
            return true;
        }

        for (var shift = 0; shift < size; shift += Smallest)
        {
            // A file that was cut near its beginning has its pages beside their places.
            if (Share(file, size, shift, 0, filled: false) > Enough || (reserved > 0 && Share(file, size, shift, reserved, filled: false) > Enough))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Bytes at the end of each page that SQLite leaves alone: the number with which most pages are filled to their last byte, as SQLite fills them.</summary>
    /// <param name="file">The file.</param>
    /// <param name="size">The size of its pages.</param>
    /// <param name="said">The number that the header says; 0 when there is none. It is believed unless another suits twice as many pages, and more than a few.</param>
    public static int Reserved(PageFile file, int size, int said)
    {
        var pages = file.FileLength / size;
        var page = new byte[size];
        var layout = new RecordLayout();
        var filled = new int[256];
        for (var number = 0L; number < pages; number += Math.Max(1, pages / Sparse))
        {
            for (var reserved = 0; reserved < filled.Length && size - reserved >= LeastUsable; reserved++)
            {
                filled[reserved] += IsFilled(file, number * size, page, layout, size - reserved) ? 1 : 0;
            }
        }

        // Where pages are shifted, or their first rows were deleted, one or the other seems to leave bytes that are only free.
        var most = filled.Max();
        var likeliest = Array.IndexOf(filled, most);
        return most > 2 * filled[said] && (likeliest == 0 || most >= LeastReserved) ? likeliest : said;
    }

    // How much of what was looked at are b-tree pages: the beginning of the file, and a few pages all over the rest.
    private static double Share(PageFile file, int size, int shift, int reserved, bool filled)
    {
        var page = new byte[size];
        var layout = new RecordLayout();
        var pages = file.FileLength / size;
        var (seen, good) = (0, 0);
        for (var number = 0L; number < pages; number += number < Dense ? 1 : Math.Max(1, (pages - Dense) / Sparse))
        {
            seen++;
            var at = (number * size) + shift;
            good += (filled
                ? IsFilled(file, at, page, layout, size - reserved)
                : file.ReadBytes(at, page) == size && IsPage(page, at == 0 ? 1u : 2u, layout, size - reserved, out _)) ? 1 : 0;
        }

        return seen == 0 ? 0 : (double)good / seen;
    }

    // SQLite fills a page from its end: the cell that was its first ends with it. A page that is taken for larger or smaller than it is does not.
    private static bool IsFilled(PageFile file, long at, byte[] page, RecordLayout layout, int usable) =>
        file.ReadBytes(at, page) == page.Length && IsPage(page, at == 0 ? 1u : 2u, layout, usable, out var end) && end == usable;

    /// <summary>Whether bytes are a page of a tree: with cells, all of them in place, and nothing behind them.</summary>
    public static bool IsPage(ReadOnlySpan<byte> data, uint number, RecordLayout layout) => IsPage(data, number, layout, data.Length, out _);

    private static bool IsPage(ReadOnlySpan<byte> data, uint number, RecordLayout layout, int usable, out int end)
    {
        end = 0;
        var view = BtreePage.Of(data, number, usable);
        if (view.Kind == PageKind.None || view.CellCount == 0 || !view.IsPlausible() || view.ContentStart > usable)
        {
            return false;
        }

        // A page that ends before its cells do is a larger page's beginning, and one whose cells end early is two of a smaller size.
        for (var index = 0; index < view.CellCount; index++)
        {
            if (!view.TryCell(index, out var cell))
            {
                return false;
            }

            end = Math.Max(end, cell.Offset + cell.Size);
            if (view.Kind != PageKind.TableInterior && cell.LocalLength == cell.PayloadLength
                && !layout.TryRead(data.Slice(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength))
            {
                return false;
            }
        }

        return end > data.Length / 2;
    }
}
