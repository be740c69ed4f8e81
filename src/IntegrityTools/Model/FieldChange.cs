namespace IntegrityTools.Model;

/// <summary>A difference at one path: what the winning leaf has now, and what the repair leaves there.</summary>
/// <param name="Path">The path, such as <c>address.city</c> or <c>ports[2]</c>; a key that holds a dot or bracket is quoted, <c>['a.b']</c>. Attachments are <c>_attachments['name']</c>.</param>
/// <param name="Old">The present value as JSON text, shortened for display; null when absent.</param>
/// <param name="New">The value after the repair as JSON text, shortened for display; null when absent.</param>
/// <param name="Source">Where the new value comes from: a revision, or <c>rule:max</c> and the like.</param>
public sealed record FieldChange(string Path, string? Old, string? New, string? Source);
