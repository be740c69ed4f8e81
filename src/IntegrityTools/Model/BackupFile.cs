namespace IntegrityTools.Model;

/// <summary>One file of a backup, as it was when it was written.</summary>
public sealed record BackupFile
{
    /// <summary>Its name, in the folder of the manifest.</summary>
    public required string Name { get; init; }

    /// <summary>What it holds: <c>documents</c>, <c>local</c>, <c>database</c>, <c>wal</c>, <c>journal</c>.</summary>
    public required string Role { get; init; }

    /// <summary>Its length in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>SHA-256 of the whole, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>How many bytes each of <see cref="Blocks"/> covers; the last may be shorter.</summary>
    public required int BlockSize { get; init; }

    /// <summary>The first 64 bits of the SHA-256 of each block, hex, one after the other: they tell where a file is damaged.</summary>
    public required string Blocks { get; init; }
}
