using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Backups;

/// <summary>What to restore, and into what.</summary>
public sealed record RestoreOptions
{
    /// <summary>The backup: its manifest, one of its files, a folder (its newest backup), or an id that the ledger knows.</summary>
    public required string Backup { get; init; }

    /// <summary>A configured name, an address or a path; null: the store that was backed up.</summary>
    public string? Store { get; init; }

    /// <summary>Name and password; null: as configured.</summary>
    public StoreCredential? Credential { get; init; }

    /// <summary>Only these subjects (documents' ids); empty: all.</summary>
    public IReadOnlyList<string> Subjects { get; init; } = [];

    /// <summary>True to overwrite what is newer than the backup; it is saved before.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Of SQLite: true to replace the file although another process has it open, which then goes on with the old one.</summary>
    public bool WhileOpen { get; init; }

    /// <summary>True to write nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Told the execution when it begins, and again when it has ended or stopped.</summary>
    public Action<RepairExecution>? ExecutionChanged { get; init; }

    /// <summary>Told how far it is.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }
}
