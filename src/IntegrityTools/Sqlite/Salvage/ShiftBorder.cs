using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Finds the place between two pages where what is shifted by one number of bytes ends, and what is shifted by another begins.</summary>
/// <param name="file">The file, whose page size is known.</param>
/// <param name="claims">Weighs what pages say of others.</param>
/// <param name="found">All that they say, in the order of the pages of which they say it.</param>
internal sealed class ShiftBorder(PageFile file, PageClaims claims, List<PageClaim> found)
{
    private const int Sector = 512;
    private const int MostGapPages = 8;
    private const long MostSteps = 4_000_000;

    private readonly int pageSize = file.PageSize;
    private readonly byte[] other = new byte[file.PageSize];
    private readonly RecordLayout layout = new();

    /// <summary>Finds it: two offsets where they belong. Between them nothing is known.</summary>
    /// <param name="left">A page that is off by the first shift.</param>
    /// <param name="right">A later page that is off by the second.</param>
    /// <param name="shift">The first shift.</param>
    /// <param name="next">The second.</param>
    public (long End, long Next) Find(uint left, uint right, long shift, long next)
    {
        var whole = (shift - next) % pageSize == 0;
        var lost = whole ? (uint)(Math.Max(0, shift - next) / pageSize) : 0;
        var (first, last) = left + 1 + lost <= right ? Pages(left, right, lost, shift, next) : (left + 1, left + 1);
        return whole ? ((first - 1L) * pageSize, (last - 1L + lost) * pageSize) : Sectors(first - 1, last, shift, next);
    }

    /// <summary>The pages about a border of which nothing proves on which side of it they stand.</summary>
    /// <param name="end">Where the first stretch ends.</param>
    /// <param name="behind">Where the second begins.</param>
    /// <param name="shift">The first shift.</param>
    /// <param name="next">The second.</param>
    public (uint First, uint Last) Doubtful(long end, long behind, long shift, long next)
    {
        var (first, last) = ((uint)(end / pageSize) + 1, (uint)((behind + pageSize - 1) / pageSize));
        var lost = (uint)(Math.Max(0, shift - next) / pageSize);
        long Held(uint page) => At(page, page * (long)pageSize <= end ? shift : next);

        // Were the border a page further on, that page would stand with the one shift, and as many pages behind it as are gone another would not with the other.
        for (var lead = 0; first > 2 && (lead += Weight(first - 1, shift, Held) - Weight(first - 1 + lost, next, Held)) < PageClaims.Strong;)
        {
            first--;
        }

        for (var lead = 0; last < found[^1].Page && (lead += Weight(last + 1, next, Held) - Weight(last + 1 - lost, shift, Held)) < PageClaims.Strong;)
        {
            last++;
        }

        return (first, last);
    }

    // How much speaks for it that a page is off by a shift; a root whose rows do not suit its table speaks against it.
    private int Weight(uint number, long shift, PageClaims.Place held)
    {
        var weight = claims.IsFollowedBy(At(number, shift), number + 1) ? PageClaims.Strong : 0;
        var (low, high) = (0, found.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = found[middle].Page < number ? (middle + 1, high) : (low, middle);
        }

        for (; low < found.Count && found[low].Page == number; low++)
        {
            var claim = found[low];
            var weighed = claims.Weigh(claim, page => At(page, shift), held);
            weight += weighed == 0 && claim.Shape is not null && claims.Weigh(claim with { Shape = null }, page => At(page, shift)) > 0 ? -1 : weighed;
        }

        return weight;
    }

    // The first page that is off by the second shift may be any from the first of two to the second, so far as the claims go.
    private (uint First, uint Last) Pages(uint left, uint right, uint lost, long shift, long next)
    {
        var count = right - left + 1;
        var (before, behind) = (new long[count + 1], new long[count + 1]);
        for (var number = left; number <= right; number++)
        {
            before[number - left + 1] = claims.IsFollowedBy(At(number, shift), number + 1) ? 1 : 0;
            behind[number - left + 1] = claims.IsFollowedBy(At(number, next), number + 1) ? 1 : 0;
        }

        var across = new List<PageClaim>();
        var steps = 0L;
        foreach (var claim in found.Where(claim => claim.Page <= right))
        {
            // A chain that begins before the border may go on behind it.
            if (claim.Kind == PageClaimKind.Chain && claim.High > 1 && steps + (claim.High * count) <= MostSteps
                && (claim.Page >= left || claims.Weigh(claim, page => page < left ? At(page, shift) : -1) == 0))
            {
                across.Add(claim);
                steps += claim.High * count;
            }
            else if (claim.Page >= left)
            {
                before[claim.Page - left + 1] += claims.Weigh(claim, page => At(page, shift), page => At(page, page <= right ? shift : next));
                behind[claim.Page - left + 1] += claims.Weigh(claim, page => At(page, next), page => At(page, page < left ? shift : next));
            }
        }

        for (var index = 1; index <= count; index++)
        {
            before[index] += before[index - 1];
            behind[index] += behind[index - 1];
        }

        var (most, first, last) = (long.MinValue, left + 1, left + 1);
        for (var border = left + 1; border + lost <= right; border++)
        {
            var score = before[border - left] + behind[count] - behind[border + lost - left]
                + across.Sum(claim => (long)claims.Weigh(claim, page => page < border ? At(page, shift) : page >= border + lost ? At(page, next) : -1));
            if (score > most)
            {
                (most, first) = (score, border);
            }

            last = score == most ? border : last;
        }

        return (first, last);
    }

    private long At(uint number, long shift) => ((number - 1L) * pageSize) + shift;

    // Within a page rows tell where the border is.
    private (long End, long Next) Sectors(uint left, uint right, long shift, long next)
    {
        while (left + 1 < right && claims.IsPage(At(left + 1, shift)))
        {
            left++;
        }

        while (right - 1 > left && claims.IsPage(At(right - 1, next)))
        {
            right--;
        }

        var lost = Math.Max(0, shift - next);

        // That a page begins in its place says nothing of what is behind the last of its headers.
        var start = left == 0 ? 0 : ((left - 1L) * pageSize) + Sector;
        var end = Math.Max((long)left * pageSize, ((long)Math.Min(right - 1, left + MostGapPages) * pageSize) - lost);
        var (most, first, last) = (-1, start, start);
        for (var at = start; at <= end; at += Sector)
        {
            var score = 0;
            for (var number = Math.Max(left, 1); number <= right && number <= left + MostGapPages + 1; number++)
            {
                score += Cells(number, at, at + lost, shift, next);
            }

            if (score > most)
            {
                (most, first, last) = (score, at, at);
            }

            // Of a page that lost its header nothing says where it was cut, and its rows are only told apart: as well at its beginning, so that what is left of it is read.
            else if (score == most && (lost == 0 || at % pageSize == 0 || Cells((uint)(at / pageSize) + 1, at, at + lost, shift, next) > 0))
            {
                last = at;
            }
        }

        // Between borders that fit alike nothing can be believed.
        return (first, last + lost);
    }

    // Rows of a page whose headers are whole when what is before a border is off by one shift and what is behind it by another.
    private int Cells(uint number, long border, long behind, long shift, long next)
    {
        var start = (long)(number - 1) * pageSize;
        var head = (int)Math.Clamp(border - start, 0, pageSize);
        var tail = (int)Math.Clamp(behind - start, 0, pageSize);
        other.AsSpan().Clear();
        file.ReadBytes(start + shift, other.AsSpan(0, head));
        file.ReadBytes(start + tail + next, other.AsSpan(tail));
        var view = BtreePage.Of(other, number, pageSize);
        if (view.Kind is not (PageKind.TableLeaf or PageKind.TableInterior or PageKind.IndexLeaf or PageKind.IndexInterior)
            || view.PointerEnd > pageSize || (head < view.PointerStart && tail > 0))
        {
            return 0;
        }

        var whole = 0;
        var previous = long.MinValue;
        for (var index = 0; index < view.CellCount; index++)
        {
            var pointer = view.PointerStart + (2 * index);
            if ((pointer + 2 > head && pointer < tail) || !view.TryCell(index, out var cell)
                || (view.IsTable && cell.RowId <= previous)
                || (view.Kind != PageKind.TableInterior && !layout.TryRead(other.AsSpan(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength))
                || ((view.Kind == PageKind.TableInterior ? cell.Offset + cell.Size : cell.PayloadOffset + layout.OffsetOf(0)) > head && cell.Offset < tail))
            {
                continue;
            }

            previous = cell.RowId;
            whole++;
        }

        return whole;
    }
}
