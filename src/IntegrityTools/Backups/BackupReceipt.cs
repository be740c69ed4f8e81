using IntegrityTools.Model;

namespace IntegrityTools.Backups;

/// <summary>What the ledger keeps of a backup: enough to find it, and to know it again.</summary>
/// <param name="ManifestPath">Its manifest.</param>
/// <param name="Mode">What it holds.</param>
/// <param name="Files">Its files with their digests.</param>
/// <param name="Counts">What was counted.</param>
/// <param name="Parent">What it builds on.</param>
/// <param name="LastSequence">The update sequence that was reached.</param>
internal sealed record BackupReceipt(
    string ManifestPath, BackupMode Mode, IReadOnlyList<BackupFile> Files, IReadOnlyDictionary<string, long> Counts, string? Parent, string? LastSequence);
