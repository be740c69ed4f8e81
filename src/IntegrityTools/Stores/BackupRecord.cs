namespace IntegrityTools.Stores;

/// <summary>Where the state before a repair is saved.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sha256">Its SHA-256, hex.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Documents">How many documents it holds.</param>
/// <param name="Revisions">How many revisions.</param>
public sealed record BackupRecord(string Path, string Sha256, long Length, long Documents, long Revisions);
