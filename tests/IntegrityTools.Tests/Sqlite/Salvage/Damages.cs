using System.Buffers.Binary;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>How the files of the corpus are made: from sound databases, so that what was there before is known row by row.</summary>
internal static class Damages
{
    private static readonly SampleOptions Usual = new();
    private static readonly SampleOptions Small = new(PageSize: 512, Rows: 1200);
    private static readonly SampleOptions Large = new(PageSize: 65536, Rows: 1500, Padding: 100);
    private static readonly SampleOptions Wide = new(Encoding: "UTF-16le");
    private static readonly SampleOptions WideBig = new(Encoding: "UTF-16be");
    private static readonly SampleOptions Vacuum = new(AutoVacuum: 1);
    private static readonly SampleOptions FullText = new(FullText: true);
    private static readonly SampleOptions Long = new(Long: true);
    private static readonly SampleOptions LongLarge = new(PageSize: 4096, Long: true);

    public static IReadOnlyList<Damage> All { get; } =
    [
        new("nothing", Usual, (_, bytes) => bytes),
        new("header zeroed", Usual, (_, bytes) => Zero(bytes, 0, 100)),
        new("header zeroed, pages of 512 bytes", Small, (_, bytes) => Zero(bytes, 0, 100)),
        new("header zeroed, pages of 65,536 bytes", Large, (_, bytes) => Zero(bytes, 0, 100)),
        new("header zeroed, UTF-16le", Wide, (_, bytes) => Zero(bytes, 0, 100)),
        new("header zeroed, UTF-16be", WideBig, (_, bytes) => Zero(bytes, 0, 100)),
        new("page size in the header wrong", Usual, (_, bytes) => Set(bytes, 16, 0x08, 0x00)),
        new("text encoding in the header wrong", Wide, (_, bytes) => Set(bytes, 59, 1)),
        new("first page zeroed, schema given", Usual, (sample, bytes) => Zero(bytes, 0, sample.Header.PageSize)) { GiveSchema = true },
        new("first page zeroed, schema given, UTF-16be", WideBig, (sample, bytes) => Zero(bytes, 0, sample.Header.PageSize)) { GiveSchema = true },
        new("first page zeroed, schema given, auto-vacuum", Vacuum, (sample, bytes) => Zero(bytes, 0, sample.Header.PageSize)) { GiveSchema = true },
        new("first page zeroed, no schema", Usual, (sample, bytes) => Zero(bytes, 0, sample.Header.PageSize)) { Unplaceable = true },
        new("leaf zeroed", Usual, (sample, bytes) => ZeroPage(sample, bytes, sample.Leaf("people", 5))),
        new("leaf zeroed, pages of 512 bytes", Small, (sample, bytes) => ZeroPage(sample, bytes, sample.Leaf("notes", 5))),
        new("leaf zeroed, pages of 65,536 bytes", Large, (sample, bytes) => ZeroPage(sample, bytes, sample.Leaf("people", 2))),
        new("leaf zeroed, UTF-16le", Wide, (sample, bytes) => ZeroPage(sample, bytes, sample.Leaf("people", 5))),
        new("interior page zeroed", Small, (sample, bytes) => ZeroPage(sample, bytes, Inner(sample, "notes", 1))),
        new("interior page zeroed, auto-vacuum", Small with { AutoVacuum = 1 }, (sample, bytes) => ZeroPage(sample, bytes, Inner(sample, "notes", 1))),
        new("root zeroed", Usual, (sample, bytes) => ZeroPage(sample, bytes, sample.Root("people"))),
        new("root zeroed, auto-vacuum", Vacuum, (sample, bytes) => ZeroPage(sample, bytes, sample.Root("notes"))),
        new("all roots zeroed", Usual, (sample, bytes) => Sample.TableNames.Aggregate(bytes, (current, table) => ZeroPage(sample, current, sample.Root(table)))),
        new("root of a WITHOUT ROWID table zeroed", Usual, (sample, bytes) => ZeroPage(sample, bytes, sample.Root("settings"))),
        new("leaf of a WITHOUT ROWID table zeroed", Usual, (sample, bytes) => ZeroPage(sample, bytes, sample.Leaf("settings", 3))),
        new("root of an index zeroed", Usual, (sample, bytes) => ZeroPage(sample, bytes, sample.Index)),
        new("root of a full-text index zeroed", FullText, (sample, bytes) => ZeroPage(sample, bytes, sample.FullText)),
        new("leaf's type that of an index", Usual, (sample, bytes) => Set(bytes, sample.OffsetOf(sample.Leaf("people", 4)), 10)),
        new("leaf's type nonsense", Usual, (sample, bytes) => Set(bytes, sample.OffsetOf(sample.Leaf("people", 4)), 0x77)),
        new("leaf's header zeroed", Usual with { Deleted = false }, (sample, bytes) => Zero(bytes, sample.OffsetOf(sample.Leaf("people", 4)), 8)) { Undecidable = true },
        new("leaf's first sector zeroed", Usual with { Deleted = false }, (sample, bytes) => Zero(bytes, sample.OffsetOf(sample.Leaf("people", 4)), 512)) { Undecidable = true },
        new("leaf's first sector of random bytes", LongLarge, (sample, bytes) => Scramble(bytes, sample.OffsetOf(sample.Leaf("people", 3)), 512)) { Undecidable = true },
        new("leaf's first sector cut out", Long, (sample, bytes) => [.. bytes[..sample.OffsetOf(sample.Leaf("people", 4))], .. bytes[(sample.OffsetOf(sample.Leaf("people", 4)) + 512)..]])
        {
            Undecidable = true,
            Moves = sample => [new(sample.OffsetOf(sample.Leaf("people", 4)), -512)],
        },
        new("first sector of a leaf of a WITHOUT ROWID table zeroed", Usual, (sample, bytes) => Zero(bytes, sample.OffsetOf(sample.Leaf("settings", 3)), 512)) { Undecidable = true },
        new("a leaf's last cells overwritten", Usual, (sample, bytes) => Fill(bytes, sample.OffsetOf(sample.Leaf("people", 4)) + 80, 330, 5)) { Undecidable = true, Unplaceable = true },
        new("one bad cell pointer", Usual, (sample, bytes) => Set(bytes, sample.OffsetOf(sample.Leaf("people", 4)) + 12, 0, 1)),
        new("cell count flipped", Usual, (sample, bytes) => Flip(bytes, sample.OffsetOf(sample.Leaf("people", 4)) + 3, 0x40)),
        new("start of the cells flipped", Usual, (sample, bytes) => Flip(bytes, sample.OffsetOf(sample.Leaf("people", 4)) + 5, 0x40)),
        new("a bit of a record's header flipped", Usual, (sample, bytes) => Flip(bytes, CellOf(sample, "people", "55") + 4, 0x10)),
        new("a bit of a record's length flipped", Usual, (sample, bytes) => Flip(bytes, CellOf(sample, "people", "55"), 0x01)),
        new("a child pointer flipped", Usual, (sample, bytes) => Flip(bytes, ChildOf(sample, "people", 3) + 3, 0x01)),
        new("a key in an interior page flipped", Usual, (sample, bytes) => Flip(bytes, ChildOf(sample, "people", 3) + 4, 0x01)),
        new("two leaves of one table swapped", Usual, (sample, bytes) => Swap(sample, bytes, sample.Leaf("people", 4), sample.Leaf("people", 9))),
        new("leaves of two tables swapped", Usual, (sample, bytes) => Swap(sample, bytes, sample.Leaf("people", 4), sample.Leaf("notes", 9))),
        new("cut at two thirds", Usual, (_, bytes) => bytes[..(bytes.Length * 2 / 3)]),
        new("cut within a page", Usual, (sample, bytes) => bytes[..(sample.OffsetOf(sample.Leaf("notes", 10)) + 300)]),
        new("cut at two thirds, pages of 65,536 bytes", Large, (_, bytes) => bytes[..((bytes.Length * 2 / 3) + 1000)]),
        new("an overflow page zeroed", Usual, (sample, bytes) => ZeroPage(sample, bytes, sample.Overflow("notes", "100")[1])),
        new("the last overflow page zeroed", Usual, (sample, bytes) => ZeroPage(sample, bytes, sample.Overflow("notes", "100")[^1])),
        new("a chain of overflow pages looped", Usual, (sample, bytes) => Link(sample, bytes, sample.Overflow("notes", "100")[2], sample.Overflow("notes", "100")[0])),
        new("the last overflow page led back to the first", Usual, (sample, bytes) => Link(sample, bytes, sample.Overflow("notes", "100")[^1], sample.Overflow("notes", "100")[0])),
        new("a chain of overflow pages led into another", Usual, (sample, bytes) => Link(sample, bytes, sample.Overflow("notes", "100")[0], sample.Overflow("notes", "200")[1])),
        new("the freelist looped", Usual, (sample, bytes) => Link(sample, bytes, sample.Header.FirstFreePage, sample.Header.FirstFreePage)),
        new("the freelist's trunk zeroed", Usual, (sample, bytes) => ZeroPage(sample, bytes, sample.Header.FirstFreePage)),
        new("the freelist's trunk and a root zeroed", Usual, (sample, bytes) => ZeroPage(sample, ZeroPage(sample, bytes, sample.Header.FirstFreePage), sample.Root("people"))) { Undecidable = true },
        new("the freelist's count absurd", Usual, (_, bytes) => Set(bytes, 36, 0x7f, 0xff, 0xff, 0xff)),
        new("the freelist overlaps a table", Usual, (sample, bytes) => Overlap(sample, bytes)),
        new("the freelist's pointer lost", Usual, (_, bytes) => Zero(bytes, 32, 8)),
        .. Shifts(Usual, "pages of 1,024 bytes", [512, -512, 1024, -1024, 1536, -2560]),
        .. Shifts(Small, "pages of 512 bytes", [512, -512]),
        .. Shifts(Large, "pages of 65,536 bytes", [512, -512, 65536]),
        .. Shifts(Vacuum, "auto-vacuum", [-512, 1024]),
        .. Shifts(Wide, "UTF-16le", [-512]),
        .. Cuts(Long, [(217, 251), (48, 147), (55, 193), (193, 332), (152, 341)]),
        .. Cuts(LongLarge, [(340, 649), (126, 351), (74, 514)]),
        .. Enumerable.Range(1, 8).Select(seed => new Damage($"40 bits flipped, {seed}", seed % 2 == 0 ? Usual : Small, (_, bytes) => FlipAnywhere(bytes, seed)) { Silent = true, Undecidable = true }),
        new("a leaf written over another one of its table", Usual, (sample, bytes) => Copy(sample, bytes, sample.Leaf("people", 9), sample.Leaf("people", 4))),
        new("the root of one table written over another's", Usual, (sample, bytes) => Copy(sample, bytes, sample.Root("notes"), sample.Root("people"))),
        new("an interior page written over another one of its table", Small, (sample, bytes) => Copy(sample, bytes, Inner(sample, "people", 1), Inner(sample, "people", 2))),
        new("a leaf of an index written over a leaf", Usual, (sample, bytes) => Copy(sample, bytes, sample.Index + 1, sample.Leaf("people", 4))) { Undecidable = true },
        new("two pointers to one cell", Usual, (sample, bytes) => TwicePointed(sample, bytes, sample.Leaf("people", 4))) { Undecidable = true },
        new("a leaf of random bytes", Usual, (sample, bytes) => Scramble(bytes, sample.OffsetOf(sample.Leaf("people", 4)), sample.Header.PageSize)),
        new("a root of random bytes", Usual, (sample, bytes) => Scramble(bytes, sample.OffsetOf(sample.Root("people")), sample.Header.PageSize)),
        new("the header counts half of the pages", Usual, (sample, bytes) => Set(bytes, 28, 0, 0, (byte)(sample.Header.PageCount / 2 >> 8), (byte)(sample.Header.PageCount / 2))),
        new("the file appended to itself", Usual, (_, bytes) => [.. bytes, .. bytes]),
        new("the file appended to itself, a root zeroed", Usual, (sample, bytes) => ZeroPage(sample, [.. bytes, .. bytes], sample.Root("people"))),
        new("the last pointer of a table leads to a freed page", Usual, (sample, bytes) => LinkToFreed(sample, bytes)) { Undecidable = true },
        new("the log's only commit torn", Usual, (_, bytes) => Set(bytes, 18, 2, 2)) { Log = sample => LogOf(sample)[..^1000] },
        new("a log that the file went on without", Usual, (_, bytes) => bytes) { Log = LogOf },
        new("a pointer map zeroed", Vacuum, (sample, bytes) => ZeroPage(sample, bytes, 2)),
    ];

    private static IEnumerable<Damage> Shifts(SampleOptions options, string name, int[] by) => by.Select(bytes => new Damage(
        $"{Math.Abs(bytes)} bytes {(bytes < 0 ? "cut out" : "inserted")}, {name}",
        options,
        (sample, whole) =>
        {
            var at = Middle(sample, bytes);
            return bytes < 0 ? [.. whole[..at], .. whole[(at - bytes)..]] : [.. whole[..at], .. new byte[bytes], .. whole[at..]];
        })
    { Moves = sample => [new(Middle(sample, bytes), bytes)] });

    private static IEnumerable<Damage> Cuts(SampleOptions options, (int First, int Second)[] sectors) => sectors.Select(cut => new Damage(
        $"512 bytes cut out twice, sectors {cut.First} and {cut.Second}, pages of {options.PageSize} bytes",
        options,
        (_, whole) => [.. whole[..(cut.First * 512)], .. whole[((cut.First + 1) * 512)..(cut.Second * 512)], .. whole[((cut.Second + 1) * 512)..]])
    { Undecidable = true, Moves = _ => [new(cut.First * 512, -512), new(cut.Second * 512, -512)] });

    // Pieces of a page are lost at a sector's border within one, whole pages between two.
    private static int Middle(Sample sample, int bytes) =>
        sample.OffsetOf(sample.Leaf("people", 3)) + (bytes % sample.Header.PageSize == 0 || sample.Header.PageSize == 512 ? 0 : 512);

    // Of a transaction that none of the files has: in WAL mode, as bytes 18 and 19 say.
    private static byte[] LogOf(Sample sample)
    {
        using var folder = new SalvageFolder();
        File.WriteAllBytes(folder.Source, Set([.. sample.Bytes], 18, 2, 2));
        using var writer = SalvageFolder.Open(folder.Source);
        using var command = writer.CreateCommand();
        command.CommandText = "PRAGMA wal_autocheckpoint = 0; UPDATE people SET name = 'changed'";
        command.ExecuteNonQuery();
        return SalvageFolder.Shared(folder.Source + "-wal");
    }

    // Past the first page: what is there is covered by name.
    private static byte[] FlipAnywhere(byte[] bytes, int seed)
    {
        var random = new Random(seed);
        for (var flips = 0; flips < 40; flips++)
        {
            bytes[random.Next(1024, bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return bytes;
    }

    private static uint Inner(Sample sample, string table, int number) => sample.Interior.Where(page => page.Table == table).ElementAt(number).Page;

    private static int CellOf(Sample sample, string table, string key) => sample.Places.Single(place => place.Table == table && place.Key == key).Parts[0].Offset;

    private static int ChildOf(Sample sample, string table, int number)
    {
        var page = Inner(sample, table, 0);
        Assert.True(sample.Page(page).TryPointer(number, out var offset));
        return sample.OffsetOf(page) + offset;
    }

    private static byte[] Zero(byte[] bytes, int offset, int length) => Fill(bytes, offset, length, 0);

    private static byte[] Fill(byte[] bytes, int offset, int length, byte value)
    {
        bytes.AsSpan(offset, length).Fill(value);
        return bytes;
    }

    private static byte[] ZeroPage(Sample sample, byte[] bytes, uint page) => Zero(bytes, sample.OffsetOf(page), sample.Header.PageSize);

    private static byte[] Set(byte[] bytes, int offset, params byte[] values)
    {
        values.CopyTo(bytes, offset);
        return bytes;
    }

    private static byte[] Flip(byte[] bytes, int offset, byte mask)
    {
        bytes[offset] ^= mask;
        return bytes;
    }

    private static byte[] Link(Sample sample, byte[] bytes, uint page, uint next)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(sample.OffsetOf(page)), next);
        return bytes;
    }

    // To one with rows of the table that was dropped, which had the same columns and higher keys.
    private static byte[] LinkToFreed(Sample sample, byte[] bytes)
    {
        var freed = Enumerable.Range(2, (int)sample.Header.PageCount - 1).Select(page => (uint)page)
            .Last(page => bytes[sample.OffsetOf(page)] == 13 && bytes.AsSpan(sample.OffsetOf(page), sample.Header.PageSize).IndexOf("doomed 1"u8) > 0);
        return Set(bytes, sample.OffsetOf(sample.Root("people")) + 8, (byte)(freed >> 24), (byte)(freed >> 16), (byte)(freed >> 8), (byte)freed);
    }

    private static byte[] Copy(Sample sample, byte[] bytes, uint from, uint to)
    {
        bytes.AsSpan(sample.OffsetOf(from), sample.Header.PageSize).CopyTo(bytes.AsSpan(sample.OffsetOf(to)));
        return bytes;
    }

    private static byte[] TwicePointed(Sample sample, byte[] bytes, uint leaf)
    {
        var pointers = sample.OffsetOf(leaf) + 8;
        return Set(bytes, pointers + 4, bytes[pointers + 6], bytes[pointers + 7]);
    }

    private static byte[] Scramble(byte[] bytes, int offset, int length)
    {
        new Random(7).NextBytes(bytes.AsSpan(offset, length));
        return bytes;
    }

    private static byte[] Swap(Sample sample, byte[] bytes, uint first, uint second)
    {
        var size = sample.Header.PageSize;
        var kept = bytes.AsSpan(sample.OffsetOf(first), size).ToArray();
        bytes.AsSpan(sample.OffsetOf(second), size).CopyTo(bytes.AsSpan(sample.OffsetOf(first)));
        kept.CopyTo(bytes.AsSpan(sample.OffsetOf(second)));
        return bytes;
    }

    private static byte[] Overlap(Sample sample, byte[] bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(sample.OffsetOf(sample.Header.FirstFreePage) + 8), sample.Leaf("people", 6));
        return bytes;
    }
}
