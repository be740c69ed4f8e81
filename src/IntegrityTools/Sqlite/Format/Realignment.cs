namespace IntegrityTools.Sqlite.Format;

/// <summary>
/// Finds where a file was cut or something was put into it, so that all behind it is shifted. Pages that lie off their places show by how much
/// they are off within a page; interior pages, which name children by number and bound their keys, show the rest.
/// </summary>
internal sealed class Realignment(PageFile file, int pageSize, CancellationToken cancellationToken)
{
    private const int Sector = 512;
    private const int Window = 24;
    private const int LeastPages = 3;
    private const int FarthestPages = 8;
    private const int ChildrenAsked = 24;
    private const int MostGapPages = 8;

    private readonly byte[] page = new byte[pageSize];
    private readonly byte[] other = new byte[pageSize];
    private readonly RecordLayout layout = new();
    private readonly SortedSet<int> alignments = [0];
    private readonly List<long> interior = [];

    /// <summary>The stretches of the file in the order in which they belong; null when nothing is shifted.</summary>
    public IReadOnlyList<FilePart>? Find()
    {
        Look();
        var votes = Votes();
        var runs = Runs(votes);
        if (runs.TrueForAll(run => run.Shift == 0))
        {
            return null;
        }

        var parts = new List<FilePart>();
        var (from, shift) = (0L, 0L);
        foreach (var run in runs.Where(run => run.Shift != 0 || parts.Count > 0))
        {
            if (run.Shift == shift)
            {
                continue;
            }

            var before = runs.LastOrDefault(one => one.Last < run.First && one.Shift == shift).Last;
            var (end, next) = Border(Math.Max(1, before), run.First, shift, run.Shift);
            parts.Add(new FilePart(from, from + shift, end - from));
            (from, shift) = (next, run.Shift);
        }

        parts.Add(new FilePart(from, from + shift, file.FileLength - from - shift));
        return parts;
    }

    // Goes along the file, and where pages stop making sense looks whether they make sense a few sectors further on.
    private void Look()
    {
        var misses = 0;
        for (var at = 0L; at + pageSize <= file.FileLength;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsPage(at))
            {
                if (KindAt(at) == PageKind.TableInterior)
                {
                    interior.Add(at);
                }

                misses = 0;
                at += pageSize;
                continue;
            }

            at += pageSize;
            if (++misses >= LeastPages && int.IsPow2(misses + 1))
            {
                var from = at - ((long)misses * pageSize);
                var (most, best) = (Math.Max(LeastPages - 1, GoodFrom(from)), 0);
                for (var step = Sector; step < pageSize; step += Sector)
                {
                    if (GoodFrom(from + step) is var good && good > most)
                    {
                        (most, best) = (good, step);
                    }
                }

                if (best > 0)
                {
                    (at, misses) = (from + best, 0);
                    alignments.Add((int)(at % pageSize));
                }
            }
        }
    }

    private int GoodFrom(long at)
    {
        var good = 0;
        for (var number = 0; number < Window; number++)
        {
            good += IsPage(at + ((long)number * pageSize)) ? 1 : 0;
        }

        return good;
    }

    private PageKind KindAt(long at)
    {
        Span<byte> first = stackalloc byte[1];
        return at < 0 || file.ReadBytes(at == 0 ? DatabaseHeader.Length : at, first) == 0 ? PageKind.None : (PageKind)first[0];
    }

    private bool IsPage(long at) =>
        KindAt(at) is PageKind.TableLeaf or PageKind.TableInterior or PageKind.IndexLeaf or PageKind.IndexInterior
        && file.ReadBytes(at, page) == pageSize && HeaderGuess.IsPage(page, at == 0 ? 1u : 2u, layout);

    // For children of interior pages: by how much the page that has their keys is off the place that their number says.
    private List<(uint Page, long Shift)> Votes()
    {
        var votes = new List<(uint, long)>();
        var shifts = new List<long> { 0 };
        for (var pages = 0; pages <= FarthestPages; pages++)
        {
            shifts.AddRange(alignments.SelectMany(one => new[] { one + ((long)pages * pageSize), one - ((long)pages * pageSize) }));
        }

        shifts = [.. shifts.Distinct()];
        foreach (var at in interior)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (file.ReadBytes(at, other) < pageSize)
            {
                continue;
            }

            var view = BtreePage.Of(other, at == 0 ? 1u : 2u, pageSize);
            var step = Math.Max(1, view.CellCount / ChildrenAsked);
            for (var index = 1; index <= view.CellCount; index += index + step > view.CellCount ? Math.Max(1, view.CellCount - index) : step)
            {
                var last = index == view.CellCount;
                var cell = default(Cell);
                if (view.TryCell(index - 1, out var before) && (last || view.TryCell(index, out cell))
                    && Shift(last ? view.RightChild : cell.Child, before.RowId, last ? long.MaxValue : cell.RowId, shifts) is { } shift)
                {
                    votes.Add((last ? view.RightChild : cell.Child, shift));
                    shifts.Remove(shift);
                    shifts.Insert(0, shift);
                }
            }
        }

        votes.Sort();
        return votes;
    }

    // A leaf that ends with the very key that its parent names, or begins behind the one before, is the one; else one whose keys all lie where they should.
    private long? Shift(uint child, long low, long high, List<long> shifts)
    {
        long? likely = null;
        foreach (var shift in shifts)
        {
            var at = ((long)(child - 1) * pageSize) + shift;
            if (at <= 0 || KindAt(at) is not (PageKind.TableLeaf or PageKind.TableInterior) || !IsPage(at)
                || !TryKeys(out var first, out var last) || first <= low || last > high)
            {
                continue;
            }

            if (last == high || first == low + 1)
            {
                return shift;
            }

            likely ??= shift;
        }

        return likely;
    }

    private bool TryKeys(out long first, out long last)
    {
        (first, last) = (0, 0);
        var view = BtreePage.Of(page, 2, pageSize);
        if (!view.TryCell(0, out var one) || !view.TryCell(view.CellCount - 1, out var end))
        {
            return false;
        }

        (first, last) = (one.RowId, end.RowId);
        return true;
    }

    // Pages in a row that are off by the same; one alone among others may be another table's with the same keys.
    private static List<(uint First, uint Last, long Shift)> Runs(List<(uint Page, long Shift)> votes)
    {
        var runs = new List<(uint First, uint Last, long Shift)>();
        for (var index = 0; index < votes.Count; index++)
        {
            var (number, shift) = votes[index];
            var alone = (index == 0 || votes[index - 1].Shift != shift) && (index == votes.Count - 1 || votes[index + 1].Shift != shift);
            if (alone)
            {
                continue;
            }

            if (runs.Count > 0 && runs[^1].Shift == shift)
            {
                runs[^1] = runs[^1] with { Last = number };
            }
            else
            {
                runs.Add((number, number, shift));
            }
        }

        return runs;
    }

    // Where what is in its place, or off by one shift, ends, and what is off by the next begins: two offsets where they belong.
    private (long End, long Next) Border(uint left, uint right, long shift, long next)
    {
        if ((shift - next) % pageSize != 0)
        {
            while (left + 1 < right && IsPage(((long)left * pageSize) + shift))
            {
                left++;
            }

            while (right - 1 > left && IsPage(((long)(right - 2) * pageSize) + next))
            {
                right--;
            }
        }

        var lost = Math.Max(0, shift - next);
        var start = (long)left * pageSize;
        var end = Math.Max(start, ((long)Math.Min(right - 1, left + MostGapPages) * pageSize) - lost);
        var (most, first, last) = (-1, start, start);
        for (var at = start; at <= end; at += Sector)
        {
            var score = 0;
            for (var number = left; number <= right && number <= left + MostGapPages + 1; number++)
            {
                score += Cells(number, at, at + lost, shift, next);
            }

            if (score > most)
            {
                (most, first) = (score, at);
            }

            last = score == most ? at : last;
        }

        // Between borders that fit alike nothing can be believed.
        return (first, last + lost);
    }

    // Rows of a page that are whole when what is before a border is off by one shift and what is behind it by another.
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
            if ((pointer + 2 > head && pointer < tail) || !view.TryCell(index, out var cell) || (cell.Offset + cell.Size > head && cell.Offset < tail)
                || (view.IsTable && cell.RowId <= previous)
                || (view.Kind != PageKind.TableInterior && !layout.TryRead(other.AsSpan(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength)))
            {
                continue;
            }

            previous = cell.RowId;
            whole++;
        }

        return whole;
    }
}
