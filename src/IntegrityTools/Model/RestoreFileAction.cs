namespace IntegrityTools.Model;

/// <summary>Gives back a file byte for byte: a repaired dump is the old one with revisions appended, so the old one is its beginning.</summary>
/// <param name="Length">The old file's length in bytes.</param>
/// <param name="Sha256">The old file's SHA-256, hex.</param>
public sealed record RestoreFileAction(long Length, string Sha256) : RepairAction;
