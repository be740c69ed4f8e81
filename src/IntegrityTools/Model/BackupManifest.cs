using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>What a backup is: written as JSON beside its files, last of all, so that a backup without one is none.</summary>
public sealed record BackupManifest
{
    /// <summary>The newest format of a manifest that this version reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The <see cref="Method"/> of a dump that another program made, and that has no manifest.</summary>
    public const string ForeignDump = "foreign_dump";

    /// <summary>The manifest's format.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The backup's id.</summary>
    public required string Id { get; init; }

    /// <summary>The kind of store: couchdb or sqlite.</summary>
    public required string Kind { get; init; }

    /// <summary>The store's canonical address.</summary>
    public required string Store { get; init; }

    /// <summary>What it holds.</summary>
    public required BackupMode Mode { get; init; }

    /// <summary>How it was made, such as <c>leaf_feed</c>, <c>vacuum_into</c> or <c>online_backup</c>.</summary>
    public required string Method { get; init; }

    /// <summary>When it was begun, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Its place in the order of the store's backups in its folder, counted up from 1: clocks go wrong, so dates alone do not tell which is the newest. 0: made
    /// before they were counted.
    /// </summary>
    public long Number { get; init; }

    /// <summary>How long it took, in milliseconds.</summary>
    public required long DurationMs { get; init; }

    /// <summary>Its files.</summary>
    public required IReadOnlyList<BackupFile> Files { get; init => field = Indexable.Of(value); }

    /// <summary>What was counted: documents, revisions, attachments; of SQLite the rows of each table.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }

    /// <summary>The backup that an incremental one builds on.</summary>
    public string? Parent { get; init; }

    /// <summary>The update sequence after which an incremental one begins.</summary>
    public string? SinceSequence { get; init; }

    /// <summary>The update sequence that was reached: the next incremental one begins after it.</summary>
    public string? LastSequence { get; init; }

    /// <summary>What tells this database from another of the same name, when the engine tells.</summary>
    public string? Incarnation { get; init; }

    /// <summary>Documents that had been written last, each with a leaf revision that it had: by them a database shows that was put back to an older state, which no incremental backup may build on.</summary>
    public IReadOnlyDictionary<string, string> Witnesses { get; init; } = new Dictionary<string, string>();

    /// <summary>What the engine tells of purges when it was begun: purged documents are named by no later feed.</summary>
    public string? PurgeSequence { get; init; }

    /// <summary>True when the changes were read on from where they had broken off, in this run or in one that was killed: a document that was edited meanwhile may stand in it twice, and counts as it stands last.</summary>
    public bool Continued { get; init; }

    /// <summary>The store's own settings: of CouchDB _security, _revs_limit and _purged_infos_limit.</summary>
    public IReadOnlyDictionary<string, RawJson> Settings { get; init; } = new Dictionary<string, RawJson>();

    /// <summary>What a reader must know, such as a check that could not be made.</summary>
    public IReadOnlyList<string> Remarks { get; init => field = Indexable.Of(value); } = [];

    /// <summary>When it was read back after it was written and found whole; null: it was not.</summary>
    public DateTimeOffset? VerifiedAt { get; init; }

    /// <summary>The version of this program that wrote it.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>The version of the engine that it was taken from: CouchDB's, or that of the SQLite library.</summary>
    public string? EngineVersion { get; init; }

    /// <summary>True when the store's content could not be checked, so that the backup does not count as verified; not part of the file.</summary>
    [JsonIgnore]
    public bool IsUnchecked { get; init; }

    /// <summary>Where the manifest stands; not part of the file.</summary>
    [JsonIgnore]
    public string Path { get; init; } = string.Empty;

    /// <summary>The files' lengths together, in bytes.</summary>
    [JsonIgnore]
    public long Length => Files.Sum(file => file.Length);
}
