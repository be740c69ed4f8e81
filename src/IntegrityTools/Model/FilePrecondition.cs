namespace IntegrityTools.Model;

/// <summary>The file must have exactly this content.</summary>
/// <param name="Sha256">Its SHA-256, hex.</param>
/// <param name="Length">Its length in bytes.</param>
public sealed record FilePrecondition(string Sha256, long Length) : Precondition;
