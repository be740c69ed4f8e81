namespace IntegrityTools.Stores;

/// <summary>A file that a repair wrote.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sha256">Its SHA-256, hex.</param>
/// <param name="Length">Its length in bytes.</param>
public sealed record WrittenFile(string Path, string Sha256, long Length);
