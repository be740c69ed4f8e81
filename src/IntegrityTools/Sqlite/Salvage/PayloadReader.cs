using System.Buffers.Binary;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Puts records together that go on in overflow pages, and says when a chain of them cannot be right.</summary>
internal sealed class PayloadReader(PageFile file, PageAtlas atlas)
{
    // Pages that are no record's own are gone through so many times, however many cells of a damaged file lead to them.
    private const long Most = 16;
    private const long Least = 1 << 16;

    private readonly byte[] page = new byte[file.PageSize];
    private readonly HashSet<uint> seen = [];
    private readonly HashSet<Cell> trusted = [];
    private readonly HashSet<uint> contested = [];
    private byte[] record = new byte[Math.Max(1 << 14, file.PageSize)];
    private long chased = (Most * file.PageCount) + Least;
    private long weighed = (Most * file.PageCount) + Least;

    /// <summary>Last overflow pages of records that were whole all the same: they name a page behind them.</summary>
    public HashSet<uint> WrongEnds { get; } = [];

    /// <summary>A record, whole where <paramref name="fault"/> is null, else as much of it as could be read.</summary>
    /// <param name="leaf">The page with the cell.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="fault">What is wrong with the chain.</param>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> leaf, in Cell cell, out string? fault)
    {
        fault = null;
        var local = leaf.Slice(cell.PayloadOffset, cell.LocalLength);
        if (cell.Overflow == 0)
        {
            return local;
        }

        if (cell.PayloadLength > Math.Min(Array.MaxLength, file.FileLength + ((file.Overlay?.Count ?? 0) * (long)file.PageSize)))
        {
            fault = "the record would be longer than the file";
            return local;
        }

        local.CopyTo(record);
        var done = local.Length;
        var next = cell.Overflow;
        seen.Clear();
        while (done < cell.PayloadLength)
        {
            if (!IsLink(next, out var broken))
            {
                fault ??= broken;
                return record.AsSpan(0, done);
            }

            chased -= atlas.Is(next, PageMark.Overflow) && !atlas.Is(next, PageMark.Shared) ? 0 : 1;
            if (chased < 0)
            {
                fault = "too many records lead to the same overflow pages";
                return record.AsSpan(0, done);
            }

            fault = atlas.Is(next, PageMark.Shared) && !trusted.Contains(cell) ? $"overflow page {next} is part of two records" : fault;
            fault = file.IsDoubtful(next) ? $"the file was shifted at overflow page {next}, and nothing proves that it is the one" : fault;
            file.Read(next, page);
            var room = page.AsSpan(4, file.Usable - 4);
            var count = (int)Math.Min(room.Length, cell.PayloadLength - done);
            if (record[done - 1] != 0 && !page.AsSpan().ContainsAnyExcept((byte)0))
            {
                fault = $"overflow page {next} is empty";
            }

            fault = !file.HasAll(next, 0, count + 4) ? $"overflow page {next} is cut off" : fault;
            if (record.Length < done + count)
            {
                // What the cell says of its length is believed as far as its pages go.
                Array.Resize(ref record, (int)Math.Min(Math.Max(done + count, record.Length * 2L), Array.MaxLength));
            }

            room[..count].CopyTo(record.AsSpan(done));
            done += count;
            next = BinaryPrimitives.ReadUInt32BigEndian(page);
            if (fault is not null && done < cell.PayloadLength && next == 0)
            {
                return record.AsSpan(0, done);
            }
        }

        if (next != 0 && fault is null)
        {
            fault = IsOnlyWrongEnd(cell, record.AsSpan(local.Length, done - local.Length), next) ? null : "its chain of overflow pages goes on behind its end";
        }

        return record.AsSpan(0, done);
    }

    // Behind its last page the chain comes back to one of its own. No chain does, so that only this pointer is wrong: unless that page is a copy of the one which comes before.
    private bool IsOnlyWrongEnd(in Cell cell, ReadOnlySpan<byte> values, uint back)
    {
        if (!seen.Contains(back))
        {
            return false;
        }

        var (number, last, at) = (cell.Overflow, 0u, -1);
        for (var index = 0; index < seen.Count; index++, number = Next(number))
        {
            if (atlas.Is(number, PageMark.Overflow))
            {
                return false;
            }

            at = number == back ? index : at;
            last = number;
        }

        var room = file.Usable - 4;
        var end = values[((seen.Count - 1) * room)..];
        if (at > 0 && values.Slice((at - 1) * room, end.Length).SequenceEqual(end))
        {
            return false;
        }

        WrongEnds.Add(last);
        return true;
    }

    /// <summary>Marks the pages of a chain as a record's, when the whole chain can be right; says whether another record's is among them.</summary>
    /// <param name="cell">The record's cell.</param>
    /// <param name="owned">Whether a tree leads to its page. All of those come before the others.</param>
    public bool Claim(in Cell cell, bool owned)
    {
        var shared = false;
        if (!IsSound(cell, out var pages))
        {
            return false;
        }

        var next = cell.Overflow;
        for (var index = 0L; index < pages; index++)
        {
            var taken = atlas.Is(next, PageMark.Overflow);
            atlas.Mark(next, taken ? PageMark.Shared : PageMark.Overflow);
            shared |= taken;
            if (taken && owned)
            {
                contested.Add(next);
            }

            next = Next(next);
        }

        return shared;
    }

    /// <summary>
    /// The page before the first that a chain shares with another, and how many pages the chain still needs from there; null when it shares none.
    /// </summary>
    public (uint Shared, uint Before, long Left)? Junction(in Cell cell)
    {
        if (!IsSound(cell, out var pages))
        {
            return null;
        }

        var (before, next) = (0u, cell.Overflow);
        for (var left = pages; left > 0; left--)
        {
            if (atlas.Is(next, PageMark.Shared))
            {
                return (next, before, left);
            }

            (before, next) = (next, Next(next));
        }

        return null;
    }

    /// <summary>Whether a page begins a chain of that many pages that belongs to no record: the rest of one that lost its link.</summary>
    public bool IsLostRest(uint page, long pages) => atlas.Has(page) && atlas.KindOf(page) == PageKind.None && !atlas.Is(page, PageMark.Free | PageMark.Overflow) && IsSound(page, pages);

    /// <summary>Whether no other record that a tree leads to shares a page with a chain.</summary>
    public bool IsAlone(in Cell cell)
    {
        var alone = contested.Count == 0 || IsSound(cell, out _);
        var next = contested.Count == 0 ? 0 : cell.Overflow;
        for (; alone && next != 0; next = Next(next))
        {
            alone = !contested.Contains(next);
        }

        return alone;
    }

    /// <summary>Believes a chain although another one leads into it.</summary>
    public void Trust(in Cell cell) => trusted.Add(cell);

    private bool IsSound(in Cell cell, out long pages)
    {
        pages = (cell.PayloadLength - cell.LocalLength + file.Usable - 5) / (file.Usable - 4);
        return cell.Overflow != 0 && pages <= atlas.Count && (weighed -= pages) >= 0 && IsSound(cell.Overflow, pages);
    }

    private bool IsSound(uint next, long pages)
    {
        seen.Clear();
        for (var index = 0L; index < pages; index++)
        {
            if (!IsLink(next, out _))
            {
                return false;
            }

            next = Next(next);
        }

        return next == 0;
    }

    private bool IsLink(uint number, out string? fault)
    {
        fault = number == 0 ? "its chain of overflow pages ends too early"
            : !atlas.Has(number) || number == 1 ? $"overflow page {number} does not exist"
            : atlas.OwnerOf(number) != 0 ? $"overflow page {number} is a page of a table or an index"
            : atlas.Is(number, PageMark.Map | PageMark.Trunk) ? $"overflow page {number} is something else"
            : !seen.Add(number) ? $"its chain of overflow pages comes back to page {number}"
            : null;
        return fault is null;
    }

    private uint Next(uint number)
    {
        Span<byte> head = stackalloc byte[4];
        if (file.Overlay is null)
        {
            return file.ReadBytes((long)(number - 1) * file.PageSize, head) == 4 ? BinaryPrimitives.ReadUInt32BigEndian(head) : 0;
        }

        return file.Read(number, page) ? BinaryPrimitives.ReadUInt32BigEndian(page) : 0;
    }
}
