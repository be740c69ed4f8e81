namespace IntegrityTools.Sqlite.Salvage;

/// <summary>What is known of a page besides its kind.</summary>
[Flags]
internal enum PageMark : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A cell of it goes on in overflow pages.</summary>
    Spills = 1,

    /// <summary>On the freelist: what it holds was deleted.</summary>
    Free = 2,

    /// <summary>A trunk of the freelist.</summary>
    Trunk = 4,

    /// <summary>Part of a record that is too long for its page.</summary>
    Overflow = 8,

    /// <summary>Part of more than one such record: one of them is wrong.</summary>
    Shared = 16,

    /// <summary>An interior page that is not free leads to it.</summary>
    Child = 32,

    /// <summary>A pointer map, or the page that the format keeps for locks.</summary>
    Map = 64,
}
