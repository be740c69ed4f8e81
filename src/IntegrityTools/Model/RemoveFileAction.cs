namespace IntegrityTools.Model;

/// <summary>Removes a file that a repair has written, as long as nobody has changed it since. Part of an undo only.</summary>
/// <param name="Path">The file.</param>
public sealed record RemoveFileAction(string Path) : RepairAction;
