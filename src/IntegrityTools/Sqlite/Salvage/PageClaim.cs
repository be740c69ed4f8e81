namespace IntegrityTools.Sqlite.Salvage;

/// <summary>What a page elsewhere in the file says of the page with a number.</summary>
/// <param name="Page">The number.</param>
/// <param name="Kind">What is said.</param>
/// <param name="Low">Of a child of a table: its rowids are greater.</param>
/// <param name="High">Of a child of a table: its rowids are not greater. Of the beginning of a chain: pages in it.</param>
/// <param name="Shape">Of a root: its table or index, where its definition can be read.</param>
internal readonly record struct PageClaim(uint Page, PageClaimKind Kind, long Low = 0, long High = 0, TableShape? Shape = null);

/// <summary>What can be said of a page.</summary>
internal enum PageClaimKind : byte
{
    /// <summary>A child in a table's tree.</summary>
    TableChild,

    /// <summary>A child in an index's tree.</summary>
    IndexChild,

    /// <summary>The root of a table.</summary>
    TableRoot,

    /// <summary>The root of an index, or of a table without rowids.</summary>
    IndexRoot,

    /// <summary>The first overflow page of a record.</summary>
    Chain,
}
