using System.Text.Json;

namespace IntegrityTools.CouchDb.Json;

/// <summary>One path at which two documents differ.</summary>
/// <param name="Path">The path, as <see cref="FieldPath"/> writes it.</param>
/// <param name="Old">The first document's value; null when it has none there.</param>
/// <param name="New">The second document's value; null when it has none there.</param>
internal sealed record FieldDifference(FieldPath Path, JsonElement? Old, JsonElement? New);
