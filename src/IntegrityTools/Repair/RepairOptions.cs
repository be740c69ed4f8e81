using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Repair;

/// <summary>How one run of a plan is to go.</summary>
public sealed record RepairOptions
{
    /// <summary>True: nothing is written; each operation tells what it would do.</summary>
    public bool DryRun { get; init; }

    /// <summary>Asked once for each operation that would write, before anything is saved; null: all are approved.</summary>
    public Func<RepairOperation, bool>? Approve { get; init; }

    /// <summary>Operations above it are left to a person in this run; null: no bound.</summary>
    public Risk? MaximumRisk { get; init; }

    /// <summary>The new file, for stores that are never changed in place.</summary>
    public string? Destination { get; init; }

    /// <summary>Name and password for the store.</summary>
    public StoreCredential? Credential { get; init; }

    /// <summary>Of a SQLite file that is restored or taken back: true to replace it although another process has it open, which then goes on with the old one.</summary>
    public bool WhileOpen { get; init; }

    /// <summary>Why, for the ledger.</summary>
    public string? Reason { get; init; }

    /// <summary>Told the execution when it begins, and again when it has ended or stopped.</summary>
    public Action<RepairExecution>? ExecutionChanged { get; init; }

    /// <summary>Told how far the run is.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }
}
