using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>What a store is told when a repair opens.</summary>
public sealed record RepairContext
{
    /// <summary>The execution's id.</summary>
    public required string ExecutionId { get; init; }

    /// <summary>The file into which <see cref="IStoreRepair.SaveAsync"/> saves. It does not exist, unless <see cref="Resuming"/>.</summary>
    public required string BackupPath { get; init; }

    /// <summary>The new file, for stores that are never changed in place.</summary>
    public string? Destination { get; init; }

    /// <summary>True when an execution is taken back.</summary>
    public bool Undoing { get; init; }

    /// <summary>True when an interrupted execution goes on.</summary>
    public bool Resuming { get; init; }

    /// <summary>True to replace a file although another process has it open.</summary>
    public bool WhileOpen { get; init; }

    /// <summary>Told how far saving and applying are.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }
}
