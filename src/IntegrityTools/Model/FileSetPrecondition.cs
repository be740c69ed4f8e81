namespace IntegrityTools.Model;

/// <summary>The files of a database must be exactly these, each with this content.</summary>
/// <param name="Files">The files by their role; none: there is no database.</param>
public sealed record FileSetPrecondition(IReadOnlyList<FileState> Files) : Precondition;
