namespace IntegrityTools.CouchDb.Client;

/// <summary>A body that may be large: on a slow line it travels for as long as it moves.</summary>
internal abstract class MovingContent : HttpContent
{
    /// <summary>Called whenever a part of it was taken by the connection.</summary>
    public Action? Moved { get; set; }
}
