using System.Numerics;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Finds where a file was cut or something was put into it, so that all behind it is shifted: by what pages say of others by their numbers. Of all the ways in which the
/// stretches of the file may be shifted the one is taken that most of that speaks for, and that has no border without need.
/// </summary>
/// <param name="file">The file, whose page size is known.</param>
/// <param name="expected">Bytes that the header says it had; 0 when it does not say.</param>
/// <param name="roots">What sqlite_schema says of roots.</param>
/// <param name="replaced">The pages that a log or a journal has in the place of the file's: what the file has there, an unfinished transaction may have left beside older pages.</param>
/// <param name="cancellationToken">Cancels.</param>
internal sealed class Realignment(PageFile file, long expected, IReadOnlyList<PageClaim> roots, Func<uint, bool> replaced, CancellationToken cancellationToken)
{
    private const int Sector = 512;
    private const int Window = 24;
    private const int LeastPages = 3;
    private const int FarthestPages = 8;
    private const int MostShifts = 250;
    private const int MostPages = 1 << 18;
    private const int FewPages = 1 << 10;
    private const uint Near = 1 << 12;

    // What a border has to bring: more than one claim, however strong. The length that the header tells speaks for a shift as the strongest claim does.
    private const int BorderCost = 5;
    private const int LengthWeight = 4;

    private readonly int pageSize = file.PageSize;
    private readonly PageClaims claims = new(file, file.PageSize, roots);
    private bool inPlace;
    private readonly SortedSet<int> alignments = [0];
    private readonly long[] before = new long[MostShifts];
    private readonly uint[] reached = new uint[MostShifts];
    private readonly List<(byte Shift, byte From)> right = [];

    /// <summary>Pages about the borders that were found of which nothing proves to which stretch they belong.</summary>
    public List<(uint First, uint Last)> Doubtful { get; } = [];

    /// <summary>The stretches of the file in the order in which they belong, then those that belong nobody knows where; null when nothing is shifted.</summary>
    public IReadOnlyList<FilePart>? Find()
    {
        var missing = expected > 0 ? file.FileLength - expected : 0;
        if (missing % Sector == 0)
        {
            alignments.Add((int)(((missing % pageSize) + pageSize) % pageSize));
        }

        Look();
        var runs = Runs(Collect(null), missing);
        if (runs.TrueForAll(run => run.Shift == 0))
        {
            return null;
        }

        var border = new ShiftBorder(file, claims, Collect(Borders(runs)));
        var (parts, unknown) = (new List<FilePart>(), new List<FilePart>());
        var (from, shift, last) = (0L, 0L, claims.IsPage(0) ? 1u : 0u);
        foreach (var run in runs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (run.Shift != shift)
            {
                var (end, next) = border.Find(last, run.First, shift, run.Shift);
                parts.Add(new FilePart(from, from + shift, end - from));
                Doubtful.Add(border.Doubtful(end, next, shift, run.Shift));
                unknown.Add(new FilePart(0, end + shift, next + run.Shift - (end + shift)));
                (from, shift) = (next, run.Shift);
            }

            last = run.Last;
        }

        if (expected > 0 && shift != missing)
        {
            // By the file's length there is another border behind the last page that is known.
            Doubtful.Add((last + 1, uint.MaxValue));
        }

        parts.Add(new FilePart(from, from + shift, file.FileLength - from - shift));
        Append(unknown, parts);
        return parts;
    }

    // Pages between two borders that fit alike have no number that anybody knows: behind all others they can still be told by what is in them.
    private void Append(List<FilePart> unknown, List<FilePart> parts)
    {
        var end = Math.Max(expected, parts[^1].Offset + parts[^1].Length);
        foreach (var part in unknown.Where(part => part.Length > 0 && part.Length % pageSize == 0))
        {
            end = (end + pageSize - 1) / pageSize * pageSize;
            parts.Add(part with { Offset = end });
            end += part.Length;
        }
    }

    // Goes along the file, and where pages stop making sense looks whether they make sense a few sectors further on.
    private void Look()
    {
        var misses = 0;
        for (var at = 0L; at + pageSize <= file.FileLength;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (claims.IsPage(at))
            {
                inPlace |= at % pageSize == 0;
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
            good += claims.IsPage(at + ((long)number * pageSize)) ? 1 : 0;
        }

        return good;
    }

    // Where the shift changes, with what stands about it: a chain may reach so far.
    private static List<(uint First, uint Last)> Borders(List<(uint First, uint Last, long Shift)> runs)
    {
        var (borders, last, shift) = (new List<(uint, uint)>(), 1u, 0L);
        foreach (var run in runs)
        {
            if (run.Shift != shift)
            {
                borders.Add((last - Math.Min(last, Near), run.First + Near));
            }

            (last, shift) = (run.Last, run.Shift);
        }

        return borders;
    }

    // What is said near some places, all of it; or of all pages as much as is needed to see a shift, which of a few pages is all. Of a very large file not every page is asked.
    private List<PageClaim> Collect(List<(uint First, uint Last)>? near)
    {
        var (found, said) = (roots.ToList(), new List<PageClaim>());
        var all = near is not null || file.FileLength <= (long)FewPages * pageSize;
        var step = near is null ? Math.Max(1, file.FileLength / pageSize / MostPages) * pageSize : pageSize;
        foreach (var alignment in alignments)
        {
            for (long at = alignment; at + pageSize <= file.FileLength; at += step)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!replaced((uint)(at / pageSize) + 1))
                {
                    claims.Collect(at, all, said);
                }

                found.AddRange(said.FindAll(claim => !replaced(claim.Page) && near?.Exists(border => claim.Page >= border.First && claim.Page <= border.Last) != false));
                said.Clear();
            }
        }

        found.Sort((one, two) => one.Page.CompareTo(two.Page));
        return found;
    }

    // The best row of shifts up to each claim follows from the best ones up to the claim before; it is read off from its end.
    private List<(uint First, uint Last, long Shift)> Runs(List<PageClaim> found, long missing)
    {
        var shifts = Shifts(missing);
        var weights = new int[shifts.Count];
        var scores = new long[shifts.Count];
        var last = new uint[shifts.Count];
        for (var index = 1; index < scores.Length; index++)
        {
            // Where no page stands in its place, all of them are shifted from the beginning on.
            scores[index] = inPlace ? long.MinValue / 2 : 0;
        }

        var steps = new List<(uint Page, (byte Shift, byte From)[] Right)>();
        var shift = 0L;
        PageClaims.Place shifted = page => ((page - 1L) * pageSize) + shift;
        foreach (var claim in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var any = false;
            for (var index = 0; index < weights.Length; index++)
            {
                shift = shifts[index];
                weights[index] = claims.Weigh(claim, shifted);
                any |= weights[index] > 0;
            }

            if (any)
            {
                steps.Add((claim.Page, Step(claim.Page, shifts, weights, scores, last, missing)));
            }
        }

        if ((expected > 0 || inPlace) && shifts.IndexOf(missing) is >= 0 and var told)
        {
            scores[told] += LengthWeight;
        }

        var state = Array.IndexOf(scores, scores.Max());
        var runs = new List<(uint First, uint Last, long Shift)>();
        for (var index = steps.Count - 1; index >= 0; index--)
        {
            var (page, right) = steps[index];
            var at = Array.FindIndex(right, shift => shift.Shift == state);
            if (at >= 0)
            {
                if (runs.Count > 0 && runs[^1].Shift == shifts[state])
                {
                    runs[^1] = runs[^1] with { First = page };
                }
                else
                {
                    runs.Add((page, page, shifts[state]));
                }

                state = right[at].From;
            }
        }

        runs.Reverse();
        return runs;
    }

    // A border stands before a claim that holds behind it. No page stands in two places: what was cut out leaves a gap between the pages before and behind.
    private (byte Shift, byte From)[] Step(uint page, List<long> shifts, int[] weights, long[] scores, uint[] last, long missing)
    {
        scores.CopyTo(before, 0);
        last.CopyTo(reached, 0);
        right.Clear();
        for (var index = 0; index < weights.Length; index++)
        {
            if (weights[index] == 0)
            {
                continue;
            }

            var from = index;
            for (var other = 0; other < weights.Length; other++)
            {
                var turned = before[other] - Cost(shifts[index] - shifts[other], missing);
                if (other != index && turned > scores[index] && page > reached[other] && (page - 1L - reached[other]) * pageSize >= shifts[other] - shifts[index])
                {
                    (scores[index], from) = (turned, other);
                }
            }

            (scores[index], last[index]) = (scores[index] + weights[index], page);
            right.Add(((byte)index, (byte)from));
        }

        return [.. right];
    }

    // The more pages are gone or came in at one place, the likelier it is that something is there by accident.
    private int Cost(long by, long missing) => BorderCost + (by == missing ? 0 : BitOperations.Log2((uint)(Math.Abs(by) / pageSize)));

    private List<long> Shifts(long missing)
    {
        var shifts = new List<long> { 0, missing };
        for (var pages = 0; pages <= FarthestPages; pages++)
        {
            shifts.AddRange(alignments.SelectMany(one => new[] { one + ((long)pages * pageSize), one - ((long)pages * pageSize) }));
        }

        return [.. shifts.Distinct().Take(MostShifts)];
    }
}
