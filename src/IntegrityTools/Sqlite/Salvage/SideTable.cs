namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Where a row goes that cannot stand in its own table.</summary>
internal enum SideTable
{
    /// <summary>Its table is not known.</summary>
    LostAndFound,

    /// <summary>It looks like an entry of an index: the row that it leads to is found.</summary>
    IndexEntries,

    /// <summary>Whether it was deleted cannot be told, or two rows claim its key.</summary>
    UncertainRows,

    /// <summary>Its bytes contradict each other: what is left of it.</summary>
    DamagedRows,

    /// <summary>It had been deleted.</summary>
    DeletedRows,
}
