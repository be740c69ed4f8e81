using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>A database that is going to be damaged: its bytes, its rows, and on which bytes each row depends.</summary>
internal sealed class Sample
{
    public const string Schema =
        "CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER, score REAL, photo BLOB);"
        + "CREATE TABLE notes(id INTEGER PRIMARY KEY, person INTEGER NOT NULL, body TEXT, tag TEXT);"
        + "CREATE TABLE settings(key INTEGER PRIMARY KEY, value TEXT NOT NULL, extra BLOB) WITHOUT ROWID;"
        + "CREATE INDEX notes_person ON notes(person)";

    private static readonly string[] Tables = ["people", "notes", "settings"];

    private readonly Dictionary<string, uint> roots = [];

    /// <summary>Reads a sound database.</summary>
    public Sample(SalvageFolder folder, byte[] bytes)
    {
        Bytes = bytes;
        File.WriteAllBytes(folder.At("sound.db"), bytes);
        foreach (var table in Tables)
        {
            Truth.Add(table, SalvageFolder.Rows(folder.At("sound.db"), table, KeyOf(table)));
            roots.Add(table, (uint)SalvageFolder.Count(folder.At("sound.db"), $"SELECT rootpage FROM sqlite_schema WHERE name = '{table}'"));
        }

        Index = (uint)SalvageFolder.Count(folder.At("sound.db"), "SELECT rootpage FROM sqlite_schema WHERE name = 'notes_person'");
        FullText = (uint)SalvageFolder.Count(folder.At("sound.db"), "SELECT ifnull(max(rootpage), 0) FROM sqlite_schema WHERE name = 'words_data'");
        Header = DatabaseHeader.Parse(Bytes)!;
        foreach (var table in Tables)
        {
            Walk(table, roots[table]);
        }
    }

    /// <summary>Makes one.</summary>
    public static byte[] Make(SalvageFolder folder, SampleOptions options)
    {
        var rows = options.Rows;
        var path = folder.At(options.Name);
        var body = options.Long
            ? "CASE i % 5 WHEN 0 THEN replace(hex(zeroblob(50 + i * 7 % 400)), '00', printf('%08x', i * 2654435761 & 0xffffffff)) ELSE '' END"
            : "CASE i % 50 WHEN 0 THEN replace(hex(zeroblob(2600)), '0', i % 10) ELSE '' END";
        SalvageFolder.Execute(
            path,
            $"PRAGMA page_size={options.PageSize}; PRAGMA encoding='{options.Encoding}'; PRAGMA auto_vacuum={options.AutoVacuum}",
            Schema,
            "CREATE TABLE doomed(id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER, score REAL, photo BLOB)",
            $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
            + $"INSERT INTO people SELECT i, 'name ' || i || hex(zeroblob({options.Padding})), i % 90, i / 7.0, CASE i % 3 WHEN 0 THEN CAST(x'00ff10' || i AS BLOB) END FROM n",
            $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
            + $"INSERT INTO notes SELECT i, i * 3, 'body of ' || i || {body}, 'tag ' || (i % 7) FROM n",
            $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO settings SELECT i * 2, 'value ' || i, CAST(x'0102' || i AS BLOB) FROM n",
            $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO doomed SELECT 100000 + i, 'doomed ' || i, 1, 1.5, NULL FROM n");
        if (options.FullText)
        {
            SalvageFolder.Execute(
                path,
                "CREATE VIRTUAL TABLE words USING fts5(body)",
                $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO words(rowid, body) SELECT i, 'common word' || i FROM n");
        }

        SalvageFolder.Execute(
            path,
            "DROP TABLE doomed",
            options.Deleted ? "DELETE FROM people WHERE id % 10 = 3; DELETE FROM notes WHERE id % 10 = 4; DELETE FROM settings WHERE key % 20 = 6" : "VACUUM");
        return File.ReadAllBytes(path);
    }

    public byte[] Bytes { get; }

    public DatabaseHeader Header { get; }

    /// <summary>The rows by table and key.</summary>
    public Dictionary<string, Dictionary<string, string>> Truth { get; } = [];

    /// <summary>The parts of the file that hold each row.</summary>
    public List<(string Table, string Key, List<(int Offset, int Length)> Parts)> Places { get; } = [];

    /// <summary>The leaves of each table, in the order of keys.</summary>
    public List<(string Table, uint Page)> Leaves { get; } = [];

    /// <summary>The interior pages of each table, roots first.</summary>
    public List<(string Table, uint Page)> Interior { get; } = [];

    /// <summary>The root of the index.</summary>
    public uint Index { get; }

    /// <summary>The root of what the full-text index keeps of its words; 0: there is none.</summary>
    public uint FullText { get; }

    public static IReadOnlyList<string> TableNames => Tables;

    public static string KeyOf(string table) => table == "settings" ? "key" : "id";

    public uint Root(string table) => roots[table];

    public uint Leaf(string table, int number) => Leaves.Where(leaf => leaf.Table == table).ElementAt(number).Page;

    public int OffsetOf(uint page) => (int)(page - 1) * Header.PageSize;

    public BtreePage Page(uint page) => BtreePage.Of(Bytes.AsSpan(OffsetOf(page), Header.PageSize), page, Header.Usable);

    /// <summary>The overflow pages of a row.</summary>
    public List<uint> Overflow(string table, string key) =>
        [.. Places.Single(place => place.Table == table && place.Key == key).Parts.Skip(1).Select(part => (uint)(part.Offset / Header.PageSize) + 1)];

    private void Walk(string table, uint number)
    {
        var page = Page(number);
        if (page.IsInterior)
        {
            Interior.Add((table, number));
        }
        else
        {
            Leaves.Add((table, number));
        }

        var layout = new RecordLayout();
        for (var index = 0; index < page.CellCount; index++)
        {
            Assert.True(page.TryCell(index, out var cell));
            if (page.IsInterior)
            {
                Walk(table, cell.Child);
            }

            if (page.Kind == PageKind.TableInterior)
            {
                continue;
            }

            Assert.True(layout.TryRead(page.Data.Slice(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength));
            var key = table == "settings" ? layout.Integer(0, page.Data[cell.PayloadOffset..]) : cell.RowId;
            var parts = new List<(int, int)> { (OffsetOf(number) + cell.Offset, cell.Size) };
            var left = cell.PayloadLength - cell.LocalLength;
            for (var next = cell.Overflow; left > 0; left -= Header.Usable - 4)
            {
                parts.Add((OffsetOf(next), (int)Math.Min(left, Header.Usable - 4) + 4));
                next = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(Bytes.AsSpan(OffsetOf(next)));
            }

            Places.Add((table, $"{key}", parts));
        }

        if (page.IsInterior)
        {
            Walk(table, page.RightChild);
        }
    }
}
