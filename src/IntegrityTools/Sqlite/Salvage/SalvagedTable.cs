namespace IntegrityTools.Sqlite.Salvage;

/// <summary>What became of one table.</summary>
public sealed class SalvagedTable
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Rows in the new table: found whole, and certainly live.</summary>
    public long Rows { get; internal set; }

    /// <summary>Rows whose bytes fail their own consistency: what is left of them is in damaged_rows.</summary>
    public long DamagedRows { get; internal set; }

    /// <summary>Rows of which it cannot be told whether they were deleted: they are in uncertain_rows.</summary>
    public long UncertainRows { get; internal set; }

    /// <summary>Pages that its tree asks for and that hold nothing readable of it.</summary>
    public long PagesLost { get; internal set; }
}
