using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Ledger;

/// <summary>How far a scan is, as the ledger keeps it while it runs.</summary>
/// <param name="Run">The run that has come so far.</param>
/// <param name="Position">Where another one can go on; null: nowhere yet.</param>
public sealed record ScanProgress(RunIdentity Run, ScanPosition? Position);
