using System.Globalization;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Schema;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>
/// Checks what names pages, by a reader of our own: SQLite's check takes much of it on trust, and tells of a page that is used twice only one use.
/// </summary>
internal sealed class PageChecks(CheckContext context, PageFile file, DatabaseHeader header, DatabaseSchema schema)
{
    private const int MostFaults = 1000;
    private const int MapEntryLength = 5;
    private const int ShownEntries = 10;
    private const string FreeMeaning = "New rows can be written over live ones: copy the database with VACUUM INTO before anything writes to it.";

    private readonly Dictionary<uint, List<PageUse>> twice = [];
    private readonly List<PageUse> wrong = [];
    private readonly Dictionary<uint, (List<string> Shown, int Count)> maps = [];
    private readonly PageUses places = new(file, header, [], context.Cancellation);
    private readonly byte[] mapPage = new byte[file.PageSize];
    private uint mapRead;

    private bool HasFreelistFault => wrong.Exists(use => IsFree(use.Kind)) || twice.Values.Any(uses => uses.Exists(use => IsFree(use.Kind)));

    /// <summary>Why any write to the file can destroy what is sound, by what <see cref="Run"/> found; null: nothing speaks against it.</summary>
    public string? WhyNotWrite =>
        wrong.Where(use => IsFree(use.Kind)).Select(Wrong).Concat(twice.Select(page => Twice(page.Key, page.Value))).Concat(maps.Select(map => Map(map.Key, map.Value.Shown, map.Value.Count)))
            .FirstOrDefault()?.Message;

    /// <summary>The tables of which <see cref="Run"/> found pages that are not theirs alone or cannot be; null among them: a page of no table that is known.</summary>
    public IEnumerable<string?> DamagedTables => wrong.Concat(twice.Values.SelectMany(uses => uses)).Where(use => use.Root > 0)
        .SelectMany(use => schema.AllAt(use.Root).DefaultIfEmpty()).Where(owner => owner is not { Type: "index" }).Select(owner => owner?.Table);

    /// <summary>What is wrong, page by page.</summary>
    public IReadOnlyList<IntegrityIssue> Run()
    {
        foreach (var (use, first) in Uses().Walk())
        {
            if (use.Fault is not null)
            {
                wrong.Add(use);
            }
            else if (!first)
            {
                Second(use);
            }
            else if (header.LargestRoot > 0)
            {
                CheckMap(use);
            }

            if (wrong.Count + twice.Count >= MostFaults)
            {
                break;
            }
        }

        foreach (var (use, first) in twice.Count == 0 ? [] : Uses().Walk())
        {
            if (first && twice.TryGetValue(use.Page, out var uses))
            {
                uses.Insert(0, use);
            }
        }

        return [.. wrong.Select(Wrong), .. twice.Select(page => Twice(page.Key, page.Value)), .. maps.Select(map => Map(map.Key, map.Value.Shown, map.Value.Count)), .. Unreadable()];
    }

    /// <summary>The roots of the trees to which pages belong, their overflow pages included. Below a damaged page none is found.</summary>
    public Dictionary<uint, uint> OwnersOf(IReadOnlySet<uint> pages) => pages.Count == 0 ? []
        : Uses().Walk().Where(use => use.First && use.Use.Root > 0 && pages.Contains(use.Use.Page)).ToDictionary(use => use.Use.Page, use => use.Use.Root);

    /// <summary>Whether a line of SQLite's check says what was found here, too.</summary>
    public bool Covers(CheckMessage message) =>
        message.Subject == CheckSubject.FreePages ? HasFreelistFault
        : message.Named is { } page && (twice.ContainsKey(page) || wrong.Exists(use => use.Page == page) || (maps.Count > 0 && message.Text.Contains("ptr map", StringComparison.Ordinal)));

    private static bool IsFree(PageUseKind kind) => kind is PageUseKind.Free or PageUseKind.Trunk;

    private PageUses Uses() => new(file, header, [1, .. schema.Objects.Where(item => item.RootPage is > 1 and <= uint.MaxValue).Select(item => (uint)item.RootPage)], context.Cancellation);

    private void Second(in PageUse use)
    {
        if (!twice.TryGetValue(use.Page, out var uses))
        {
            twice.Add(use.Page, uses = []);
        }

        uses.Add(use);
    }

    private void CheckMap(in PageUse use)
    {
        if (use.Page == 1 || use.Kind is PageUseKind.Map or PageUseKind.Lock)
        {
            return;
        }

        var map = places.MapOf(use.Page);
        Span<byte> entry = stackalloc byte[MapEntryLength];
        if (!TryEntry(map, use.Page, entry))
        {
            return;
        }

        var (kind, parent) = IsFree(use.Kind) ? (PageUseKind.Free, 0u) : use.Kind == PageUseKind.Root ? (use.Kind, 0u) : (use.Kind, use.From);
        var (said, from) = ((PageUseKind)entry[0], System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(entry[1..]));
        if (said != kind || from != parent)
        {
            var (shown, count) = maps.GetValueOrDefault(map, ([], 0));
            if (count < ShownEntries)
            {
                shown.Add($"page {use.Page}: {entry[0]} of page {from}, where {(int)kind} of page {parent} is right");
            }

            maps[map] = (shown, count + 1);
        }
    }

    private bool TryEntry(uint map, uint page, Span<byte> entry)
    {
        if (mapRead != map)
        {
            if (!file.Read(map, mapPage))
            {
                return false;
            }

            mapRead = map;
        }

        mapPage.AsSpan((int)(page - map - 1) * MapEntryLength, MapEntryLength).CopyTo(entry);
        return true;
    }

    private IntegrityIssue Wrong(PageUse use)
    {
        var text = use switch
        {
            { Kind: PageUseKind.Trunk, Page: 1 } => $"The header {use.Fault}.",
            { Kind: PageUseKind.Trunk } when use.Page <= file.PageCount => $"Page {use.Page} of the list of free pages {use.Fault}.",
            _ when IsFree(use.Kind) => $"The list of free pages, on page {use.From}, names page {use.Page}, which {use.Fault}.",
            _ when use.Page <= file.PageCount => $"Page {use.Page}, {Describe(use)}, {use.Fault}.",
            { Kind: PageUseKind.Root } => $"{Whose(use)} begins on page {use.Page}, which {use.Fault}.",
            _ => $"{Where(use)} leads to page {use.Page}, which {use.Fault}.",
        };
        return Issue(
            use.Page >= 1 && use.Page <= file.PageCount ? use.Page : Math.Max(1, use.From),
            IsFree(use.Kind) ? Severity.High : Severity.Critical,
            text + (IsFree(use.Kind) ? " " + FreeMeaning : " Rows there are lost or wrong: restore a backup, or salvage the file into a new one."),
            use);
    }

    private IntegrityIssue Twice(uint page, List<PageUse> uses)
    {
        var live = uses.Exists(use => !IsFree(use.Kind));
        var free = uses.Exists(use => IsFree(use.Kind));
        var text = live || !uses.TrueForAll(use => use.Kind == PageUseKind.Trunk)
            ? $"Page {page} is used {(uses.Count == 2 ? "twice" : $"{uses.Count} times")}: as {string.Join(", and as ", uses.Take(ShownEntries).Select(Describe).Distinct())}."
            : $"The list of free pages comes back to page {page}, which it has named before.";
        var meaning = free ? FreeMeaning
            : uses.TrueForAll(use => use.Kind is PageUseKind.FirstOverflow or PageUseKind.Overflow) ? "One of these rows shows the other's content as its own: restore a backup, or salvage the file into a new one."
            : "What is written through one of them destroys the other: restore a backup, or salvage the file into a new one.";
        return Issue(page, live ? Severity.Critical : Severity.High, $"{text} {meaning}", uses.Find(use => use.Root > 0));
    }

    private IntegrityIssue Map(uint map, List<string> entries, int count) => context.Issue(
        IssueTypes.DamagedPage,
        Severity.High,
        $"page:{map}",
        string.Create(
            CultureInfo.InvariantCulture,
            $"The pointer map on page {map} is wrong about {Counted.Of(count, "page")} ({entries[0]}). Auto-vacuum moves pages by it and can destroy tables: copy the database with VACUUM INTO before anything deletes from it."),
        new FileEvidence { Detail = string.Join('\n', entries), Page = map, Count = count },
        key: "map");

    private IEnumerable<IntegrityIssue> Unreadable()
    {
        if (file.UnreadableBytes > 0)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"The medium did not give {Counted.Of(file.UnreadableBytes, "byte")} of the file: salvage it onto another one soon.");
            yield return context.Issue(IssueTypes.DamagedPage, Severity.Critical, "medium", text, new FileEvidence { Detail = text }, key: "medium");
        }
    }

    private IntegrityIssue Issue(uint page, Severity severity, string text, PageUse use)
    {
        var owner = use.Root > 0 ? schema.At(use.Root) : null;
        return context.Issue(
            IssueTypes.DamagedPage,
            severity,
            $"page:{page}",
            text,
            new FileEvidence
            {
                Detail = text,
                Page = page,
                RootPage = use.Root > 0 ? use.Root : null,
                Cell = use.Cell >= 0 && use.From == page ? use.Cell : null,
                Table = owner?.Table,
                Index = owner is { Type: "index" } index ? index.Name : null,
            },
            owner?.Table,
            key: $"{use.Kind}{use.Page}:{use.From}");
    }

    private string Describe(PageUse use) => use.Kind switch
    {
        PageUseKind.Root => $"the root of {Whose(use)}",
        PageUseKind.Tree => $"a page of {Whose(use)} (named by page {use.From})",
        PageUseKind.FirstOverflow => $"an overflow page of a row of {Whose(use)} (page {use.From}, cell {use.Cell})",
        PageUseKind.Overflow => $"an overflow page of a row of {Whose(use)} (after page {use.From})",
        PageUseKind.Free => $"a free page (listed on page {use.From})",
        PageUseKind.Trunk => $"a page of the list of free pages (named by {(use.From <= 1 ? "the header" : $"page {use.From}")})",
        PageUseKind.Map => "a pointer map",
        _ => "the page that SQLite keeps for its locks",
    };

    private string Where(PageUse use) => use.Kind switch
    {
        PageUseKind.Tree => $"Page {use.From} of {Whose(use)}",
        PageUseKind.FirstOverflow => $"A row of {Whose(use)} (page {use.From}, cell {use.Cell})",
        _ => $"A row's chain of overflow pages of {Whose(use)}, on page {use.From},",
    };

    private string Whose(PageUse use) => schema.AllAt(use.Root).Select(owner => $"{owner.Type} {owner.Name}").ToList() is { Count: > 0 } owners
        ? string.Join(" and ", owners) : $"the tree on page {use.Root}";
}
