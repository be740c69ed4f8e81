using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Backups;

/// <summary>What to back up, where to, and how long to keep it.</summary>
public sealed record BackupOptions
{
    /// <summary>What is backed up.</summary>
    public BackupType Type { get; init; }

    /// <summary>A configured name, an address or a path; null: the default store. Nothing for <see cref="BackupType.Configuration"/>.</summary>
    public string? Store { get; init; }

    /// <summary>Name and password; null: as configured.</summary>
    public StoreCredential? Credential { get; init; }

    /// <summary>The folder; made when it is missing. Null: the one that is configured for the store.</summary>
    public string? Folder { get; init; }

    /// <summary>True to save only what changed since the newest good backup of the store in the folder; without one a full backup is made, and when <see cref="BackupRetention.WhyChainEnds"/> says so.</summary>
    public bool Incremental { get; init; }

    /// <summary>True to save <c>_local</c> documents too.</summary>
    public bool IncludeLocal { get; init; }

    /// <summary>True to compress with gzip.</summary>
    public bool Compress { get; init; } = true;

    /// <summary>True to copy a store that fails its check, as forensic evidence.</summary>
    public bool Force { get; init; }

    /// <summary>Which older backups of the store are removed once the new one is verified; null: as configured for the store, and without that none.</summary>
    public BackupRetention? Retention { get; init; }

    /// <summary>Told how far it is.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }

    /// <summary>Told of each older backup that was removed, since it had expired.</summary>
    public Action<BackupManifest>? Removed { get; init; }
}
