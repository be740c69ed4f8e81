using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>What sqlite_schema says of the roots of tables and indexes, as far as it can be read while nobody knows which pages are in their places.</summary>
internal static class SchemaRoots
{
    /// <summary>Reads it.</summary>
    /// <param name="file">The file, whose page size is known.</param>
    /// <param name="encoding">How text is stored; null: nobody knows.</param>
    public static List<PageClaim> Read(PageFile file, TextEncoding? encoding)
    {
        var pages = Leaves(file);
        var claims = new List<PageClaim>();
        foreach (var tried in encoding is { } known ? [known] : Enum.GetValues<TextEncoding>())
        {
            var entries = new SchemaRows(file, new PageAtlas(file.PageCount), tried).Read(pages);
            if (entries.Count > 0)
            {
                Add(entries, claims);
                break;
            }
        }

        return claims;
    }

    private static void Add(IReadOnlyList<SchemaEntry> entries, List<PageClaim> claims)
    {
        using var reader = new ShapeReader();
        foreach (var entry in entries.Where(entry => entry is { Type: "table", IsVirtual: false, Root: > 1 }))
        {
            if (reader.Table(entry, out _) is { } shape)
            {
                claims.Add(new PageClaim(entry.Root, shape.InIndexTree ? PageClaimKind.IndexRoot : PageClaimKind.TableRoot, Shape: shape));
            }
        }

        foreach (var entry in entries.Where(entry => entry is { Type: "index", Root: > 1 }))
        {
            claims.Add(new PageClaim(entry.Root, PageClaimKind.IndexRoot, Shape: reader.Index(entry)));
        }
    }

    private static List<uint> Leaves(PageFile file)
    {
        var page = new byte[file.PageSize];
        file.Read(1, page);
        var view = BtreePage.Of(page, 1, file.Usable);
        if (view.Kind != PageKind.TableInterior || view.PointerEnd > view.Usable)
        {
            return [1];
        }

        var leaves = new List<uint>();
        for (var index = 0; index < view.CellCount; index++)
        {
            if (view.TryCell(index, out var cell))
            {
                leaves.Add(cell.Child);
            }
        }

        leaves.Add(view.RightChild);
        return leaves;
    }
}
