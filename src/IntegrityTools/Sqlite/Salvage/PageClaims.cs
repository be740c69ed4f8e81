using System.Buffers.Binary;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Collects what pages say of other pages by their numbers, and weighs it against what stands at a place of the file: this shows where a page is that is not where its
/// number says.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="pageSize">Bytes a page.</param>
/// <param name="roots">What sqlite_schema says of roots: a page that suits several tables says little of one of them.</param>
internal sealed class PageClaims(PageFile file, int pageSize, IReadOnlyList<PageClaim> roots)
{
    private const int ChildrenAsked = 24;
    private const int LongestChain = 1 << 16;
    private const int Exact = 4;
    private const int Weak = 1;

    /// <summary>From this weight on a claim is hardly right by accident.</summary>
    public const int Strong = 3;

    private readonly byte[] page = new byte[pageSize];
    private readonly RecordLayout layout = new();

    /// <summary>Where a page with a number would be in the file; negative when it is not there.</summary>
    public delegate long Place(uint number);

    /// <summary>Whether a page of a tree stands at an offset of the file.</summary>
    public bool IsPage(long at) =>
        KindAt(at) is PageKind.TableLeaf or PageKind.TableInterior or PageKind.IndexLeaf or PageKind.IndexInterior
        && file.ReadBytes(at, page) == pageSize && HeaderGuess.IsPage(page, at == 0 ? 1u : 2u, layout);

    /// <summary>Adds what a page of a tree says.</summary>
    /// <param name="at">Where it is in the file.</param>
    /// <param name="all">Whether every pointer in it counts, or a few are enough.</param>
    /// <param name="claims">Gets what it says.</param>
    public void Collect(long at, bool all, List<PageClaim> claims)
    {
        if (!IsPage(at))
        {
            return;
        }

        var view = BtreePage.Of(page, at == 0 ? 1u : 2u, pageSize);
        var step = all || !view.IsInterior ? 1 : Math.Max(1, view.CellCount / ChildrenAsked);
        var (chains, low) = (0, long.MinValue);
        for (var index = 0; index < view.CellCount; index++)
        {
            view.TryCell(index, out var cell);
            if (view.IsInterior && index % step == 0)
            {
                if (view.IsTable && index > 0 && step > 1)
                {
                    low = view.TryCell(index - 1, out var before) ? before.RowId : long.MinValue;
                }

                claims.Add(view.IsTable ? new(cell.Child, PageClaimKind.TableChild, low, cell.RowId) : new(cell.Child, PageClaimKind.IndexChild));
                low = cell.RowId;
            }

            if (cell.Overflow != 0 && (all || chains++ == 0))
            {
                claims.Add(new(cell.Overflow, PageClaimKind.Chain, 0, (cell.PayloadLength - cell.LocalLength + pageSize - 5) / (pageSize - 4)));
            }
        }

        if (view.IsInterior)
        {
            low = view.IsTable && view.TryCell(view.CellCount - 1, out var end) ? end.RowId : long.MinValue;
            claims.Add(view.IsTable ? new(view.RightChild, PageClaimKind.TableChild, low, long.MaxValue) : new(view.RightChild, PageClaimKind.IndexChild));
        }
    }

    /// <summary>How much speaks for a claim: 0 when it is wrong with pages at these places.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="place">The places.</param>
    /// <param name="children">Where the children of a root are, whatever speaks for its own place; null: nobody knows.</param>
    public int Weigh(in PageClaim claim, Place place, Place? children = null)
    {
        var at = claim.Page < 2 ? -1 : place(claim.Page);
        if (at <= 0)
        {
            return 0;
        }

        var kind = KindAt(at);
        var isTable = kind is PageKind.TableLeaf or PageKind.TableInterior;
        var isIndex = kind is PageKind.IndexLeaf or PageKind.IndexInterior;
        return claim.Kind switch
        {
            PageClaimKind.TableChild => isTable && IsPage(at) ? WeighKeys(claim.Low, claim.High) : 0,
            PageClaimKind.IndexChild => isIndex && IsPage(at) ? Weak : 0,
            PageClaimKind.TableRoot => isTable ? WeighRoot(at, claim.Shape, children) : 0,
            PageClaimKind.IndexRoot => isIndex ? WeighRoot(at, claim.Shape, children) : 0,
            _ => WeighChain(claim.Page, claim.High, place),
        };
    }

    /// <summary>Whether a page that is none of a tree names the one with the number behind it: records are mostly written page after page.</summary>
    public bool IsFollowedBy(long at, uint next) => at > 0 && NextAt(at) == next && !IsPage(at);

    // A child that ends with the very key that its parent names, or begins behind the one before, is the one; others may have keys between the same borders.
    private int WeighKeys(long low, long high)
    {
        var view = BtreePage.Of(page, 2, pageSize);
        return !PageProbe.TryKeys(view, out var first, out var last) || (first <= low && low != long.MinValue) || last > high ? 0
            : last == high || (first - 1 == low && low != long.MinValue) ? Exact : Weak;
    }

    // A root without rows is like any other, and tells nothing.
    private int WeighRoot(long at, TableShape? shape, Place? children)
    {
        if (!IsPage(at))
        {
            return 0;
        }

        var view = BtreePage.Of(page, 2, pageSize);
        if (!view.TryCell(0, out var cell))
        {
            return 0;
        }

        if (view.Kind == PageKind.TableInterior && children is not null)
        {
            return Weigh(new(cell.Child, PageClaimKind.TableChild, long.MinValue, cell.RowId), children) == Exact ? WeighFirst(children(cell.Child), shape) : Weak;
        }

        if (view.IsInterior || shape is null or { IsUnknown: true } || !layout.TryRead(page.AsSpan(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength))
        {
            return Weak;
        }

        return WeighLike(shape);
    }

    private int WeighFirst(long at, TableShape? shape) =>
        shape is { IsUnknown: false } && IsPage(at) && BtreePage.Of(page, 2, pageSize) is { Kind: PageKind.TableLeaf } leaf && leaf.TryCell(0, out var cell)
        && layout.TryRead(page.AsSpan(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength) ? WeighLike(shape) : Weak;

    // The record that was read may be like other tables' as well.
    private int WeighLike(TableShape shape) =>
        shape.Fit(layout) is var fit && fit == 0 ? 0
        : fit < TableShape.Like ? Weak
        : roots.Any(root => root.Shape is { IsUnknown: false } other && other != shape && other.IsIndex == shape.IsIndex && other.Fit(layout) >= TableShape.Like) ? Strong - 1
        : Strong;

    // One page that ends a chain is like another; a chain of several that ends where it should is no accident.
    private int WeighChain(uint first, long pages, Place place)
    {
        var next = first;
        for (var done = 0L; done < Math.Min(pages, LongestChain); done++)
        {
            var at = next < 2 ? -1 : place(next);
            if (at <= 0 || IsPage(at))
            {
                return 0;
            }

            next = NextAt(at);
        }

        return pages > LongestChain ? Weak : next != 0 ? 0 : pages > 1 ? Strong : Weak;
    }

    private PageKind KindAt(long at)
    {
        Span<byte> first = stackalloc byte[1];
        return at < 0 || file.ReadBytes(at == 0 ? DatabaseHeader.Length : at, first) == 0 ? PageKind.None : (PageKind)first[0];
    }

    private uint NextAt(long at)
    {
        Span<byte> head = stackalloc byte[4];
        return at + pageSize <= file.FileLength && file.ReadBytes(at, head) == head.Length ? BinaryPrimitives.ReadUInt32BigEndian(head) : uint.MaxValue;
    }
}
