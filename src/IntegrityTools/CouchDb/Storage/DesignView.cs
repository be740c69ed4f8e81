namespace IntegrityTools.CouchDb.Storage;

/// <summary>A view of a design document, or a Mango index.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Map">Its map function, or the fields of a Mango index, as JSON.</param>
/// <param name="Reduce">Its reduce function; null when it has none.</param>
internal sealed record DesignView(string Name, string Map, string? Reduce);
