namespace IntegrityTools.Model;

/// <summary>Gives back a file byte for byte: a repaired dump is the old one with revisions appended, so the old one is mostly its beginning.</summary>
/// <param name="Length">The old file's length in bytes.</param>
/// <param name="Sha256">The old file's SHA-256, hex.</param>
/// <param name="Path">The old file itself, where the repaired one could not begin with it, since it is compressed and cut; null: the beginning of the repaired one.</param>
public sealed record RestoreFileAction(long Length, string Sha256, string? Path = null) : RepairAction;
