using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Stands in for a table whose name and root are known, and whose definition cannot be used: under its name, with as many columns as its rows have values, called c1, c2 and so on,
/// without types, so that every value stays as it is; and with the rowid as row_id, where it has one.
/// </summary>
internal sealed class CountedTable(PageFile file, PageAtlas atlas, List<string> notes)
{
    private const string RowId = "row_id";
    private const int MostColumns = 1999;

    private readonly byte[] page = new byte[file.PageSize];
    private readonly RecordLayout layout = new();

    /// <summary>Gives a tree such a table; null when it has no row that can be read.</summary>
    public SchemaEntry? Of(TableTree tree)
    {
        var shape = tree.Shape;
        var count = tree.Pages.Concat(tree.UncertainPages).Select(number => Columns(shape, number)).DefaultIfEmpty(0).Max();
        if (count is 0 or > MostColumns)
        {
            notes.Add($"{shape.Name}: {(count == 0 ? "no row of it was found" : "its rows have more values than a table has columns: they are in lost_and_found")}. With a schema that is given it is tried again.");
            return null;
        }

        var names = Enumerable.Range(1, count).Select(number => $"c{number}").ToList();
        tree.Shape = new TableShape(shape.Name, shape.Root, [.. names.Select(name => new StoredField(name, 'B', false, false, false))])
        {
            WithoutRowId = shape.WithoutRowId,
            RowIdName = shape.WithoutRowId ? null : RowId,
            IsCounted = true,
        };
        notes.Add(
            $"{shape.Name}: its rows stand in a table of that name with the columns {(shape.WithoutRowId ? string.Empty : RowId + ", ")}c1 to c{count}, without types, indexes and constraints. "
            + "With a schema that is given they get their own.");
        var columns = shape.WithoutRowId ? names : names.Prepend($"{RowId} INTEGER PRIMARY KEY");
        return new SchemaEntry("table", shape.Name, shape.Name, shape.Root, $"CREATE TABLE {ShapeReader.Quote(shape.Name)}({string.Join(", ", columns)})");
    }

    private int Columns(TableShape shape, uint number)
    {
        if (!file.Read(number, page))
        {
            return 0;
        }

        var most = 0;
        var view = BtreePage.As(shape.WithoutRowId ? atlas.KindOf(number) : PageKind.TableLeaf, page, number, file.Usable);
        for (var index = 0; index < view.CellCount && view.PointerEnd <= file.Usable; index++)
        {
            most = view.TryCell(index, out var cell) && layout.TryRead(page.AsSpan(cell.PayloadOffset, cell.LocalLength), cell.PayloadLength) ? Math.Max(most, layout.Count) : most;
        }

        return most;
    }
}
