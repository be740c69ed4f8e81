namespace IntegrityTools.Model;

/// <summary>An edit that the operation does not keep, named so that nothing is lost silently.</summary>
/// <param name="Revision">The leaf that made the edit.</param>
/// <param name="Path">The path that it changed.</param>
/// <param name="Value">Its value there as JSON text, shortened for display; null when it removed the field.</param>
/// <param name="Why">Which rule or choice passes it over.</param>
public sealed record DiscardedEdit(string Revision, string Path, string? Value, string Why);
