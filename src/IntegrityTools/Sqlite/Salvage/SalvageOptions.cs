using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>What to salvage, and where to.</summary>
public sealed record SalvageOptions
{
    /// <summary>The damaged database. It is only read.</summary>
    public required string Path { get; init; }

    /// <summary>The new database. It must not exist unless <see cref="Overwrite"/>.</summary>
    public required string Destination { get; init; }

    /// <summary>A file of SQL, or a sound database, whose tables stand in for those that the damaged schema lacks.</summary>
    public string? SchemaPath { get; init; }

    /// <summary>Whether deleted rows that are still there are put into deleted_rows.</summary>
    public bool Deleted { get; init; }

    /// <summary>What of a -wal beside the file is taken.</summary>
    public LogUse Wal { get; init; }

    /// <summary>What of a rollback journal beside the file is taken: it gives back the pages that an unfinished transaction changed. One that may be another database's is taken only with <see cref="LogUse.Everything"/>.</summary>
    public LogUse Journal { get; init; }

    /// <summary>Whether a destination that exists is replaced, once the new database stands.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Hears how far it is.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }
}
