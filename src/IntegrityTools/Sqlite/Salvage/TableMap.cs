using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Which table each page belongs to: from the schema's roots down, then what has no parent any more.</summary>
internal sealed class TableMap
{
    private readonly PageFile file;
    private readonly PageAtlas atlas;
    private readonly Surveyor survey;
    private readonly DatabaseHeader? header;
    private readonly TextEncoding encoding;
    private readonly List<string> notes;
    private readonly CancellationToken cancellationToken;
    private readonly PageProbe probe;
    private readonly TreeWalk walk;
    private readonly List<TableTree> trees = [];
    private readonly byte[] page;
    private bool shared;

    public TableMap(PageFile file, PageAtlas atlas, Surveyor survey, DatabaseHeader? header, TextEncoding encoding, List<string> notes, CancellationToken cancellationToken)
    {
        (this.file, this.atlas, this.survey, this.header, this.encoding, this.notes, this.cancellationToken) = (file, atlas, survey, header, encoding, notes, cancellationToken);
        probe = new PageProbe(file);
        Payloads = new PayloadReader(file, atlas);
        walk = new TreeWalk(file, atlas, probe, cancellationToken);
        page = new byte[file.PageSize];
    }

    /// <summary>The schema that the new database gets.</summary>
    public IReadOnlyList<SchemaEntry> Entries { get; private set; } = [];

    /// <summary>The tables and the indexes.</summary>
    public IReadOnlyList<TableTree> Trees => trees;

    /// <summary>Places in trees whose pages were not found.</summary>
    public IReadOnlyList<LostSlot> Lost => walk.Lost;

    /// <summary>Leaves that nobody owns, each with the tables that they suit.</summary>
    public IReadOnlyDictionary<uint, string> Unplaced { get; private set; } = new Dictionary<uint, string>();

    /// <summary>Puts records together, and knows which chains of overflow pages to believe.</summary>
    public PayloadReader Payloads { get; }

    /// <summary>Whether every freed page is known as one.</summary>
    public bool FreelistComplete { get; private set; }

    /// <summary>Finds it all out.</summary>
    /// <param name="given">A schema for what the file's own lacks.</param>
    public void Build(IReadOnlyList<SchemaEntry> given)
    {
        var schema = Add(SchemaRows.Shape);
        walk.Visit(schema, 1, long.MinValue, long.MaxValue);
        var rows = new SchemaRows(file, atlas, encoding);
        var own = rows.Read(schema.Pages);

        // Schema pages outside of the tree are believed only where the tree lacks some.
        var damaged = walk.Lost.Count > 0;
        var loose = damaged ? rows.Read(schema.Pages.Concat(LooseSchemaPages())) : own;
        if (damaged || rows.Damaged)
        {
            notes.Add(given.Count > 0 ? "The schema is damaged: what it lacks is taken from the one given." : "The schema is damaged: what it lacks can be given as SQL or as a sound database.");
        }

        Entries = Merge(loose, given);
        Describe();
        foreach (var tree in trees.Where(tree => tree != schema && tree.Shape.Root != 0).ToList())
        {
            walk.Visit(tree, tree.Shape.Root, long.MinValue, long.MaxValue);
        }

        ClaimOverflow(owned: true);
        var free = new Freelist(file, atlas);
        free.Read(header);
        ClaimOverflow(owned: false);
        if (!free.Complete)
        {
            free.ReadRest(header);
        }

        if (shared)
        {
            new SharedChains(file, atlas, Payloads, free.Complete).Resolve();
        }

        FreelistComplete = free.Complete;
        if (free.Fault is not null)
        {
            notes.Add(free.Fault + (free.Complete ? " All freed pages were found all the same." : " Which pages without a parent were deleted is not known: their rows are kept apart."));
        }

        MarkChildren();
        DoubtFreed(free.InUse);
        var evidence = new IndexEvidence(file, atlas, trees);
        new DisputedLeaves(atlas, probe, walk, trees, evidence, notes).Settle();
        var placement = new OrphanPlacement(atlas, probe, walk, [.. trees.Where(tree => tree != schema)], evidence, FreelistComplete, given.Count > 0 || !(damaged || rows.Damaged));
        placement.Run(survey.Interior, header?.Behind ?? uint.MaxValue);
        Unplaced = placement.Unplaced;
        new Strangers(atlas, probe, trees, walk.Lost, cancellationToken).Mark();
        DoubtShifted(placement.Inferred);
        if (FreelistComplete && (given.Count > 0 || !(damaged || rows.Damaged)))
        {
            DoubtRoots();
        }

        new RootCheck(file, atlas, trees, walk.Lost, notes).Run();
    }

    /// <summary>The table that a freed page's records suit; null when none does, or several do.</summary>
    public TableShape? ShapeOfFree(uint number)
    {
        var fits = trees.Where(tree => !tree.Shape.InIndexTree && !tree.Shape.IsUnknown && tree.Shape != SchemaRows.Shape)
            .Select(tree => (tree.Shape, Score: probe.FitBelow(number, atlas, tree.Shape))).Where(fit => fit.Score > 0)
            .OrderByDescending(fit => fit.Score).Take(2).ToList();
        return fits.Count == 1 || (fits.Count == 2 && fits[0].Score > fits[1].Score) ? fits[0].Shape : null;
    }

    // What was freed holds tables as they once were, or that were dropped.
    private List<uint> LooseSchemaPages()
    {
        var trial = new PageAtlas(atlas.Count);
        new Freelist(file, trial).Read(header);
        return survey.SchemaPages.FindAll(number => atlas.OwnerOf(number) == 0 && !trial.Is(number, PageMark.Free));
    }

    private static List<SchemaEntry> Merge(IReadOnlyList<SchemaEntry> own, IReadOnlyList<SchemaEntry> given)
    {
        // What is given is sound, what is found knows the roots.
        var roots = own.ToDictionary(entry => (entry.Type, entry.Name), entry => entry.Root);
        var named = given.Select(entry => (entry.Type, entry.Name)).ToHashSet();
        return [.. given.Select(entry => entry with { Root = roots.GetValueOrDefault((entry.Type, entry.Name)) }), .. own.Where(entry => !named.Contains((entry.Type, entry.Name)))];
    }

    private void Describe()
    {
        using var reader = new ShapeReader();
        foreach (var entry in Entries.Where(entry => entry.Type == "table" && !entry.IsVirtual))
        {
            var made = SchemaRebuild.IsMadeAnew(entry, Entries);
            var shape = reader.Table(entry, out var fault) ?? Unknown(entry);
            shape.IsTaken = !made;
            Add(shape);
            if (shape.IsUnknown && !made)
            {
                notes.Add($"The definition of the table {entry.Name} cannot be read: {fault}.");
            }
        }

        foreach (var entry in Entries.Where(entry => entry.Type == "index"))
        {
            Add(reader.Index(entry) ?? new TableShape(entry.Name, entry.Root, []) { IsIndex = true, IsUnknown = true, IsTaken = false });
        }
    }

    private TableShape Unknown(SchemaEntry entry) => new(entry.Name, entry.Root, [])
    {
        IsUnknown = true,
        WithoutRowId = atlas.Has(entry.Root) && atlas.KindOf(entry.Root) is PageKind.IndexLeaf or PageKind.IndexInterior,
    };

    private TableTree Add(TableShape shape)
    {
        var tree = new TableTree(trees.Count + 1, shape);
        trees.Add(tree);
        return tree;
    }

    private void ClaimOverflow(bool owned)
    {
        for (var number = 1u; number <= atlas.Count; number++)
        {
            if (!atlas.Is(number, PageMark.Spills) || (owned ? atlas.OwnerOf(number) == 0 : !atlas.IsOrphan(number) || number >= header?.Behind) || !file.Read(number, page))
            {
                continue;
            }

            var view = BtreePage.As(atlas.KindOf(number), page, number, file.Usable);
            for (var index = 0; index < view.CellCount; index++)
            {
                if (view.TryCell(index, out var cell))
                {
                    shared |= Payloads.Claim(cell, owned);
                }
            }
        }
    }

    // A pointer into the freelist or a wrong entry of that? Where another leaf is left over that would stand in its place, the pointer may be the wrong one.
    private void DoubtFreed(List<uint> freed)
    {
        var loose = freed.Count == 0 ? [] : LooseLeaves();
        foreach (var number in freed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var tree = trees[atlas.OwnerOf(number) - 1];
            var at = tree.Shape.InIndexTree || loose.Count == 0 ? -1 : tree.Pages.IndexOf(number);
            if (at < 0)
            {
                continue;
            }

            var low = at > 0 && probe.TryRange(tree.Pages[at - 1], atlas, out _, out var before) ? before : long.MinValue;
            var high = at + 1 < tree.Pages.Count && probe.TryRange(tree.Pages[at + 1], atlas, out var after, out _) ? after : long.MaxValue;
            var other = loose.Find(leaf => leaf.First > low && leaf.Last < high && probe.FitBelow(leaf.Page, atlas, tree.Shape) >= TableShape.Like).Page;
            if (other != 0)
            {
                tree.MarkUncertain([number], $"its page is on the freelist as well, and page {other} without a parent would stand in its place: which of the two is the table's is not known");
                walk.Lost.Add(new LostSlot(tree, 0, low, high));
            }
        }
    }

    // Where the file was shifted a page proves by its rows whose it is, and not by its place: unless no other table lacks a page, or stands where it was shifted.
    private void DoubtShifted(IReadOnlyList<(TableTree Tree, uint Leaf)> inferred)
    {
        var open = walk.Doubtful.Select(leaf => leaf.Tree).Concat(walk.Lost.Select(slot => slot.Tree)).Where(tree => !tree.Shape.IsUnknown).ToHashSet();
        var shaken = new HashSet<TableTree>();
        foreach (var group in walk.Doubtful.GroupBy(leaf => leaf.Tree, leaf => leaf.Page))
        {
            List<uint> pages = [.. group.Where(page => SuitsAnother(page, group.Key, open))];
            group.Key.MarkUncertain(pages, "the file was shifted there, its values suit another table as well, and nothing proves that its page is in its place");
            _ = pages.Count > 0 && shaken.Add(group.Key);
        }

        // A table whose pages may be another's may lack just what seemed to be missing in that one.
        foreach (var group in inferred.GroupBy(leaf => leaf.Tree, leaf => leaf.Leaf))
        {
            group.Key.MarkUncertain([.. group.Where(page => SuitsAnother(page, group.Key, shaken))], "no page leads to its page, and another table that it suits as well has pages where the file was shifted");
        }
    }

    private bool SuitsAnother(uint page, TableTree tree, HashSet<TableTree> others) =>
        probe.FitBelow(page, atlas, tree.Shape) is var own
        && others.Any(other => other != tree && other.Shape.InIndexTree == tree.Shape.InIndexTree && probe.FitBelow(page, atlas, other.Shape) >= Math.Min(own, TableShape.Like));

    // Pages that are in use without a parent must be some table's. Where all that they are like lack nothing, one of these shows another page in the place of its root.
    private void DoubtRoots()
    {
        var (lacking, named) = (walk.Lost.Select(slot => slot.Tree).ToHashSet(), walk.Lost.Select(slot => slot.Page).ToHashSet());
        foreach (var page in Unplaced.Keys.Where(page => atlas.KindOf(page) == PageKind.TableLeaf && !named.Contains(page)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var fits = trees.FindAll(tree => tree.Shape is { IsTaken: true, IsUnknown: false, InIndexTree: false } && probe.FitBelow(page, atlas, tree.Shape) > 0);
            foreach (var tree in fits.Exists(lacking.Contains) ? [] : fits.FindAll(tree => tree.Pages is [var only] && only == tree.Shape.Root && probe.FitBelow(page, atlas, tree.Shape) >= TableShape.Like))
            {
                tree.MarkUncertain([tree.Shape.Root], $"page {page} without a parent is like its table's as well: another table's page may stand in the place of its root");
            }
        }
    }

    // Leaves of tables that no page leads to, each with its keys.
    private List<(uint Page, long First, long Last)> LooseLeaves()
    {
        var loose = new List<(uint, long, long)>();
        for (var number = 2u; number <= atlas.Count; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (atlas.IsOrphan(number) && atlas.KindOf(number) == PageKind.TableLeaf && !atlas.Is(number, PageMark.Child) && probe.TryRange(number, atlas, out var first, out var last))
            {
                loose.Add((number, first, last));
            }
        }

        return loose;
    }

    private void MarkChildren()
    {
        foreach (var number in survey.Interior.Where(atlas.IsOrphan))
        {
            if (!file.Read(number, page))
            {
                continue;
            }

            var view = BtreePage.Of(page, number, file.Usable);
            for (var index = 0; index <= view.CellCount; index++)
            {
                var child = index == view.CellCount ? view.RightChild : view.TryCell(index, out var cell) ? cell.Child : 0;
                if (atlas.Has(child))
                {
                    atlas.Mark(child, PageMark.Child);
                }
            }
        }
    }
}
