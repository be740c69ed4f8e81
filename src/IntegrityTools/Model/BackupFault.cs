namespace IntegrityTools.Model;

/// <summary>Something wrong with a backup.</summary>
/// <param name="File">The file.</param>
/// <param name="Place">Where in it: bytes, a line, a table; null: the file as a whole.</param>
/// <param name="Message">What is wrong, one sentence.</param>
public sealed record BackupFault(string File, string? Place, string Message);
