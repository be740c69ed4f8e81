using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>What a kind of store is told when a backup is to be restored.</summary>
public sealed record RestoreRequest
{
    /// <summary>The backup and all that it builds on, oldest first.</summary>
    public required IReadOnlyList<BackupManifest> Chain { get; init; }

    /// <summary>The store to restore into.</summary>
    public required BackupTarget Target { get; init; }

    /// <summary>Only these subjects (documents' ids); empty: all.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>True to overwrite what is newer than the backup.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Of SQLite: true to replace the file although another process has it open.</summary>
    public bool WhileOpen { get; init; }

    /// <summary>True when it is only to be told: what no report needs is then left out of the operations.</summary>
    public bool DryRun { get; init; }

    /// <summary>Told how far it is.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }
}
