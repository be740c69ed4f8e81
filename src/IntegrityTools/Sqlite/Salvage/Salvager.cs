using System.Diagnostics;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Gives back what is left of a database file that SQLite does not open, or of which it would not tell the truth. The file is only read, by
/// a reader of our own: merely opening it with SQLite could change it for good.
/// </summary>
public sealed class Salvager
{
    private readonly SalvageOptions options;
    private readonly List<string> notes = [];

    private Salvager(SalvageOptions options) => this.options = options;

    /// <summary>Salvages a database into a new one.</summary>
    /// <exception cref="IntegrityException">The file cannot be read, is no database at all, or the new one cannot be written or would take the place of one of the damaged files, or have another's log beside it.</exception>
    public static SalvageReport Run(SalvageOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        SalvageTarget.ThrowIfInUse(options.Path, options.Destination);
        if (!options.Overwrite && File.Exists(options.Destination))
        {
            throw new IntegrityException(ErrorIds.InvalidArgument, "The new database exists already.", options.Destination, $"Name another, or write over it with {CommandWords.Option("--overwrite", "-Force")}.");
        }

        return new Salvager(options).Run(cancellationToken);
    }

    private SalvageReport Run(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var given = options.SchemaPath is null ? [] : GivenSchema.Read(options.SchemaPath);
        var found = DatabaseFiles.Find(options.Path);
        var before = found.Snapshot();
        using var file = PageFile.Open(found.Path);
        var source = SourceFile.Prepare(file, options, notes, cancellationToken);
        var header = source.Header;
        var atlas = new PageAtlas(file.PageCount);
        var survey = new Surveyor(file, atlas);
        survey.Run(done => options.Progress?.Report(new WorkProgress("Reading", done, file.PageCount, "pages", 0)), cancellationToken);
        for (var page = source.LivePages + 1; source.LivePages > 0 && page <= atlas.Count; page++)
        {
            // The last commit made the database shorter: what stands there was part of it once.
            atlas.Mark(page, PageMark.Free);
        }

        var encoding = survey.SchemaEncoding ?? header?.Encoding ?? TextEncoding.Utf8;
        if (survey.SchemaEncoding is null && survey.LikelyEncoding is { } likely)
        {
            encoding = likely;
        }

        if (header is { } said && said.Encoding != encoding)
        {
            notes.Add($"The header says that text is {Codes.Of(said.Encoding)}, but it is written as {Codes.Of(encoding)}.");
        }

        var map = new TableMap(file, atlas, survey, header, encoding, notes, cancellationToken);
        map.Build(given);
        if (map.Trees.Count == 0 && survey.Interior.Count == 0 && !Enumerable.Range(1, (int)Math.Min(atlas.Count, int.MaxValue - 1)).Any(page => atlas.KindOf((uint)page) != PageKind.None))
        {
            throw SourceFile.NoDatabase(options.Path);
        }

        var counted = new CountedTable(file, atlas, notes);
        var stand = map.Trees.Where(tree => tree.Shape is { IsTaken: true, IsUnknown: true }).Select(counted.Of).OfType<SchemaEntry>().ToDictionary(entry => entry.Name);
        var reports = map.Trees.Where(tree => tree.Shape.IsTaken).DistinctBy(tree => tree.Shape.Name)
            .ToDictionary(tree => tree.Shape.Name, tree => new SalvagedTable { Name = tree.Shape.Name }, StringComparer.Ordinal);
        using var database = new NewDatabase(options.Destination, encoding, file.PageSize);
        var unread = map.Trees.Where(tree => tree.Shape is { IsTaken: true, IsUnknown: true }).Select(tree => tree.Shape.Name).ToHashSet(StringComparer.Ordinal);
        var rebuild = new SchemaRebuild(
            database, [.. map.Entries.Where(entry => entry.Type != "table" || !unread.Contains(entry.Name)).Select(entry => entry.Type == "table" ? stand.GetValueOrDefault(entry.Name, entry) : entry)], notes);
        foreach (var name in rebuild.CreateTables())
        {
            foreach (var tree in map.Trees.Where(tree => tree.Shape.IsTaken && tree.Shape.Name == name))
            {
                _ = counted.Of(tree) is { } other && database.Create(other) is null;
            }
        }

        var sink = new RowSink(file, atlas, map.Payloads, encoding, database, reports);
        TakeRows(map, sink, database, reports, file, atlas, cancellationToken);
        foreach (var tree in map.Trees.Where(tree => tree.Shape is { IsTaken: true, IsUnknown: false }))
        {
            database.RemoveCopies(tree.Shape);
        }

        var report = new SalvageReport
        {
            Source = options.Path,
            Destination = options.Destination,
            PageSize = file.PageSize,
            Pages = file.PageCount,
            Encoding = encoding,
            Tables = [.. reports.Values.OrderBy(table => table.Name, StringComparer.Ordinal)],
            DamagedRows = database.CountOf(SideTable.DamagedRows),
            UncertainRows = database.CountOf(SideTable.UncertainRows),
            UnplacedRows = database.CountOf(SideTable.LostAndFound),
            IndexEntries = database.CountOf(SideTable.IndexEntries),
            DeletedRows = database.CountOf(SideTable.DeletedRows),
            Notes = notes,
        };
        if (found.Snapshot() != before)
        {
            notes.Add("The database was written to while it was read: its rows are of several moments, and some may be missing or twice there. Salvage it again while nobody uses it, or a copy of it.");
        }

        if (map.Payloads.WrongEnds is { Count: > 0 } ends)
        {
            notes.Add($"The last overflow page of {Counted.Of(ends.Count, "row")} names a page behind it (the first is page {ends.Min()}): only that pointer is wrong, and the values are whole.");
        }

        database.EndRows();
        rebuild.CreateTheRest();
        if (file.UnreadableBytes > 0)
        {
            notes.Add($"The medium did not give {Counted.Of(file.UnreadableBytes, "byte")}: they were taken for zeros.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        database.Finish(options.Overwrite);
        return report with { DurationMs = watch.ElapsedMilliseconds };
    }

    private static bool IsInIndexTree(uint page, PageAtlas atlas) => atlas.KindOf(page) is PageKind.IndexLeaf or PageKind.IndexInterior;

    // An entry of an index repeats values of a row, but a row of a table without rowids may do so, too: it is kept apart, and never left out.
    private void KeepEntries(TableMap map, RowSink sink, PageFile file, PageAtlas atlas, CancellationToken cancellationToken)
    {
        var (entries, pages) = (0L, 0L);
        foreach (var (page, copies) in new LostEntries(file, atlas, cancellationToken).Find(map.Unplaced.Keys.Where(page => IsInIndexTree(page, atlas)).Order()))
        {
            var suits = map.Unplaced[page];
            if (copies is null)
            {
                sink.KeepPage(SideTable.LostAndFound, page, null, Unknown(map, suits));
                continue;
            }

            sink.KeepPage(SideTable.IndexEntries, page, null, "it looks like an entry of an index: the row that it leads to is found, and has its values" + (suits.Length > 0 ? $"; it suits {suits}, too" : string.Empty), copies.Contains);
            sink.KeepPage(SideTable.LostAndFound, page, null, "its page looks like an index's, and no row is found that has its values", cell => !copies.Contains(cell));
            (entries, pages) = (entries + copies.Count, pages + 1);
        }

        if (entries > 0)
        {
            notes.Add($"{Counted.Of(entries, "cell")} of unknown tables or indexes, on {Counted.Of(pages, "page")}, look like entries of indexes and stand in index_entries: the rows that they lead to are found, and have their values. Where a table without rowids is missing, its rows may be among them.");
        }
    }

    private static string Unknown(TableMap map, string suits) =>
        (suits.Length > 0 ? $"its table is not known: it suits {suits}, but nothing proves it" : "its table is not known") + (map.FreelistComplete ? string.Empty : ", nor whether it was deleted");

    private void TakeRows(
        TableMap map, RowSink sink, NewDatabase database, Dictionary<string, SalvagedTable> reports, PageFile file, PageAtlas atlas, CancellationToken cancellationToken)
    {
        var done = 0L;
        // Last what SQLite counts by itself while the rows are inserted.
        foreach (var tree in map.Trees.Where(tree => tree.Shape.IsTaken).OrderBy(tree => tree.Shape.Name == SequenceRows.Table ? 1 : 0))
        {
            var sequence = tree.Shape.Name == SequenceRows.Table ? new SequenceRows(database, notes) : null;
            foreach (var (page, certain) in tree.Pages.Select(page => (page, true)).Concat(tree.UncertainPages.Select(page => (page, false))))
            {
                cancellationToken.ThrowIfCancellationRequested();
                sink.TakePage(tree, page, certain, options.Deleted && !tree.Shape.IsUnknown);
                if ((++done & 0x3ff) == 0)
                {
                    options.Progress?.Report(new WorkProgress("Salvaging", done, file.PageCount, "pages", 0));
                }
            }

            sequence?.Finish();
        }

        if (!map.Trees.Any(tree => tree.Shape is { IsTaken: true, Name: SequenceRows.Table }))
        {
            new SequenceRows(database, notes).Finish();
        }

        foreach (var slot in map.Lost.Where(slot => slot.Tree.Shape.IsTaken && atlas.OwnerOf(atlas.Has(slot.Page) ? slot.Page : 0) != slot.Tree.Number))
        {
            var found = atlas.Has(slot.Page) && atlas.OwnerOf(slot.Page) == 0 && atlas.KindOf(slot.Page) == PageKind.None
                && !atlas.Is(slot.Page, PageMark.Overflow | PageMark.Map) && slot.Tree.Shape is { IsUnknown: false, IsCounted: false } && sink.TakeWithoutHeader(slot);
            if (!found)
            {
                reports[slot.Tree.Shape.Name].PagesLost++;
            }
        }

        KeepEntries(map, sink, file, atlas, cancellationToken);
        foreach (var (page, suits) in map.Unplaced.Where(page => !IsInIndexTree(page.Key, atlas)))
        {
            sink.KeepPage(SideTable.LostAndFound, page, null, Unknown(map, suits));
        }

        for (var page = 2u; options.Deleted && page <= atlas.Count; page++)
        {
            if (atlas.Is(page, PageMark.Free) && atlas.OwnerOf(page) == 0 && map.ShapeOfFree(page) is var shape && atlas.KindOf(page) == PageKind.TableLeaf)
            {
                sink.KeepPage(SideTable.DeletedRows, page, shape, "on a page of the freelist");
            }
        }
    }
}
