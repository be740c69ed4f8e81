namespace IntegrityTools.CouchDb.Schemas;

/// <summary>One place at which a document does not fit its schema.</summary>
/// <param name="Path">Where in the document, as <c>FieldPath</c> writes it.</param>
/// <param name="Keyword">The keyword that is not fulfilled.</param>
/// <param name="Expected">What should stand there, in words.</param>
/// <param name="Found">What stands there as JSON text, shortened; null where something is absent.</param>
internal sealed record SchemaViolation(string Path, string Keyword, string Expected, string? Found);
