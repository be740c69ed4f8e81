namespace IntegrityTools.CouchDb.Sharing;

/// <summary>What one part of a shared scan is about.</summary>
internal enum SharedPartKind
{
    /// <summary>Documents that are one thing under several ids: they show only when all stand side by side.</summary>
    Duplicates,

    /// <summary>The leaf feed: no two requests for it give the same order, so that it cannot be cut.</summary>
    Leaves,

    /// <summary>The bodies of a range of ids.</summary>
    Bodies,

    /// <summary>How the server keeps the database.</summary>
    Storage,
}
