using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>What is known of an execution that is to be taken back.</summary>
/// <param name="Execution">The execution.</param>
/// <param name="Backup">The state that was saved before it.</param>
/// <param name="Written">The file that it wrote, for stores that are never changed in place.</param>
public sealed record UndoSource(RepairExecution Execution, BackupRecord Backup, WrittenFile? Written);
