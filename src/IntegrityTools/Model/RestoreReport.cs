using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>What a restore did, or would do.</summary>
public sealed record RestoreReport
{
    /// <summary>The backup's id.</summary>
    public required string BackupId { get; init; }

    /// <summary>The store that was backed up, its canonical address.</summary>
    public string? BackupOf { get; init; }

    /// <summary>When the backup was begun, UTC.</summary>
    public DateTimeOffset? BackupCreatedAt { get; init; }

    /// <summary>The store that it was restored into, its canonical address.</summary>
    public required string Store { get; init; }

    /// <summary>True when nothing was written.</summary>
    public required bool DryRun { get; init; }

    /// <summary>True when the store was not there before.</summary>
    public required bool Created { get; init; }

    /// <summary>Documents (of SQLite: databases) that were written, or would be.</summary>
    public required long Written { get; init; }

    /// <summary>Documents that already were as in the backup.</summary>
    public required long Unchanged { get; init; }

    /// <summary>Subjects whose present state is newer than the backup's or parted from it: overwritten when that was asked for, else left alone. What could not be overwritten is in <see cref="Changed"/> or <see cref="Failed"/> instead.</summary>
    public required IReadOnlyList<string> Newer { get; init => field = Indexable.Of(value); }

    /// <summary>True when <see cref="Newer"/> were overwritten, or would be.</summary>
    public required bool Overwritten { get; init; }

    /// <summary>Subjects that others changed between the look at them and the write, each with what that means: left alone.</summary>
    public IReadOnlyList<string> Changed { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True when all that was to be written was left alone, since others changed it meanwhile: the restore did nothing.</summary>
    [JsonIgnore]
    public bool IsLeftAlone => Changed.Count > 0 && Written == 0 && Failed.Count == 0;

    /// <summary>Subjects that could not be written, or only in part, each with why.</summary>
    public IReadOnlyList<string> Failed { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What could not be read of another program's dump and was left out, since that was asked for, by lines. What is no JSON costs the rest of its line.</summary>
    public IReadOnlyList<string> Damaged { get; init => field = Indexable.Of(value); } = [];

    /// <summary>What a reader must know, such as settings that were left as they are.</summary>
    public IReadOnlyList<string> Remarks { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The execution that restored; undoing it takes the restore back. Null when nothing was written.</summary>
    public string? ExecutionId { get; init; }

    /// <summary>The SQLite files that were replaced, as a backup of its own. Null when there were none.</summary>
    public string? SetAside { get; init; }
}
