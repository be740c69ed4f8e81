using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>What a kind of store is told when it is to be saved.</summary>
public sealed record BackupRequest
{
    /// <summary>The store.</summary>
    public required BackupTarget Target { get; init; }

    /// <summary>The new backup's id.</summary>
    public required string Id { get; init; }

    /// <summary>The folder, which exists.</summary>
    public required string Folder { get; init; }

    /// <summary>What the files' names begin with: the store's name.</summary>
    public required string Name { get; init; }

    /// <summary>The backup on which an incremental one builds; null: a full one.</summary>
    public BackupManifest? Parent { get; init; }

    /// <summary>True to save <c>_local</c> documents too.</summary>
    public bool IncludeLocal { get; init; }

    /// <summary>True to compress.</summary>
    public bool Compress { get; init; } = true;

    /// <summary>True to copy a store that fails its check as evidence.</summary>
    public bool Force { get; init; }

    /// <summary>Told how far it is.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }

    /// <summary>The path of a file of this backup: name, moment and ending.</summary>
    public string FileFor(DateTimeOffset moment, string ending) =>
        Path.Combine(Folder, $"{Name}-{moment.UtcDateTime:yyyyMMdd'T'HHmmssfff'Z'}{ending}");
}
