namespace IntegrityTools.Sqlite.Format;

/// <summary>What a lost header would say, told from the pages: their size is the one at which most bytes make sense as b-tree pages.</summary>
internal static class HeaderGuess
{
    private const int Smallest = 512;
    private const int Largest = 65536;
    private const int Dense = 1000;
    private const int Sparse = 64;

    /// <summary>The size of the pages; 0 when no size makes sense of any page.</summary>
    public static int PageSize(PageFile file)
    {
        var best = 0;
        var most = 0.0;
        for (var size = Smallest; size <= Largest; size *= 2)
        {
            if (Share(file, size, 0) is var share && share > most)
            {
                (best, most) = (size, share);
            }
        }

        return best;
    }

    /// <summary>Whether enough of a file makes sense with pages of a size that nobody needs to guess.</summary>
    public static bool Suits(PageFile file, int size)
    {
        for (var shift = 0; shift < size; shift += Smallest)
        {
            // A file that was cut near its beginning has its pages beside their places.
            if (Share(file, size, shift) > 0.2)
            {
                return true;
            }
        }

        return false;
    }

    // How much of what was looked at are b-tree pages: the beginning of the file, and a few pages all over the rest.
    private static double Share(PageFile file, int size, int shift)
    {
        var page = new byte[size];
        var layout = new RecordLayout();
        var pages = file.FileLength / size;
        var (seen, good) = (0, 0);
        for (var number = 0L; number < pages; number += number < Dense ? 1 : Math.Max(1, (pages - Dense) / Sparse))
        {
            seen++;
            good += file.ReadBytes((number * size) + shift, page) == size && IsPage(page, number == 0 && shift == 0 ? 1u : 2u, layout) ? 1 : 0;
        }

        return seen == 0 ? 0 : (double)good / seen;
    }

    /// <summary>Whether bytes are a page of a tree: with cells, all of them in place, and nothing behind them.</summary>
    public static bool IsPage(ReadOnlySpan<byte> data, uint number, RecordLayout layout)
    {
        var view = BtreePage.Of(data, number, data.Length);
        if (view.Kind == PageKind.None || view.CellCount == 0 || !view.IsPlausible() || view.ContentStart > data.Length)
        {
            return false;
        }

        // A page that ends before its cells do is a larger page's beginning, and one whose cells end early is two of a smaller size.
        var end = 0;
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
