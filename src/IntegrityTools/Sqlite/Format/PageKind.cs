namespace IntegrityTools.Sqlite.Format;

/// <summary>The b-tree pages; the numbers are their first bytes.</summary>
internal enum PageKind : byte
{
    /// <summary>None of the others.</summary>
    None = 0,

    /// <summary>Inner page of an index or a WITHOUT ROWID table; its cells are entries, too.</summary>
    IndexInterior = 2,

    /// <summary>Inner page of a table: keys and children only.</summary>
    TableInterior = 5,

    /// <summary>Leaf of an index or a WITHOUT ROWID table.</summary>
    IndexLeaf = 10,

    /// <summary>Leaf of a table: rows.</summary>
    TableLeaf = 13,
}
