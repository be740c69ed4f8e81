namespace IntegrityTools.Model;

/// <summary>One file of a database as it stood.</summary>
/// <param name="Role">What it is of the database: <c>database</c>, <c>wal</c> or <c>journal</c>.</param>
/// <param name="Sha256">Its SHA-256, hex.</param>
/// <param name="Length">Its length in bytes.</param>
public sealed record FileState(string Role, string Sha256, long Length);
