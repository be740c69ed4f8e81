namespace IntegrityTools.Sqlite.Format;

/// <summary>One use that a database makes of a page, and where it says so.</summary>
/// <param name="Page">The page.</param>
/// <param name="Kind">What for.</param>
/// <param name="From">The page that names it; 0: the header or the format itself.</param>
/// <param name="Cell">The cell there, counted from 0; -1: none.</param>
/// <param name="Root">The root of the tree; 0: none.</param>
/// <param name="Fault">What is wrong with this use; null when nothing is, or only that the page is used twice.</param>
internal readonly record struct PageUse(uint Page, PageUseKind Kind, uint From, int Cell, uint Root, string? Fault = null);

/// <summary>What a page is used for. The numbers up to 5 are those of the pointer map.</summary>
internal enum PageUseKind : byte
{
    /// <summary>The root of a tree.</summary>
    Root = 1,

    /// <summary>On the list of free pages.</summary>
    Free = 2,

    /// <summary>The first overflow page of a row.</summary>
    FirstOverflow = 3,

    /// <summary>A later overflow page.</summary>
    Overflow = 4,

    /// <summary>A page of a tree below its root.</summary>
    Tree = 5,

    /// <summary>A trunk of the list of free pages.</summary>
    Trunk,

    /// <summary>A pointer map.</summary>
    Map,

    /// <summary>The page that the format keeps for locks.</summary>
    Lock,
}
