namespace IntegrityTools.Stores;

/// <summary>A file that a repair wrote.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sha256">Its SHA-256, hex.</param>
/// <param name="Length">Its length in bytes.</param>
public sealed record WrittenFile(string Path, string Sha256, long Length)
{
    /// <summary>What could not be read of the file that it was made from, by lines: it was not repaired, and what stands there stands in this one, too.</summary>
    public IReadOnlyList<string> Damaged { get; init; } = [];
}
