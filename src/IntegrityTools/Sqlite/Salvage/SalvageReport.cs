using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>What a salvage found, and what it could not give back.</summary>
public sealed record SalvageReport
{
    /// <summary>The damaged database.</summary>
    public required string Source { get; init; }

    /// <summary>The new database.</summary>
    public required string Destination { get; init; }

    /// <summary>Bytes a page.</summary>
    public int PageSize { get; init; }

    /// <summary>Pages of the damaged database.</summary>
    public long Pages { get; init; }

    /// <summary>How its text is stored.</summary>
    public TextEncoding Encoding { get; init; }

    /// <summary>Its tables, by name.</summary>
    public required IReadOnlyList<SalvagedTable> Tables { get; init; }

    /// <summary>Rows placed in their tables.</summary>
    public long Rows => Tables.Sum(table => table.Rows);

    /// <summary>Rows in damaged_rows.</summary>
    public long DamagedRows { get; init; }

    /// <summary>Rows in uncertain_rows.</summary>
    public long UncertainRows { get; init; }

    /// <summary>Rows in lost_and_found, with page and cell.</summary>
    public long UnplacedRows { get; init; }

    /// <summary>Cells in index_entries: what looks like entries of indexes without a definition, whose rows are found.</summary>
    public long IndexEntries { get; init; }

    /// <summary>Rows in deleted_rows; 0 unless asked for.</summary>
    public long DeletedRows { get; init; }

    /// <summary>Pages that a table's tree asks for and that hold nothing readable of it.</summary>
    public long PagesLost => Tables.Sum(table => table.PagesLost);

    /// <summary>What was found out about the file, each a sentence.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>How long it took, in milliseconds.</summary>
    public long DurationMs { get; init; }
}
