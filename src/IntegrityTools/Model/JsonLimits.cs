using System.Text.Json;

namespace IntegrityTools.Model;

/// <summary>The limits under which all JSON of stores is read: deeper than CouchDB's own, so that what a server took can be read.</summary>
public static class JsonLimits
{
    /// <summary>The deepest nesting that is read.</summary>
    public const int MaximumDepth = 4096;

    /// <summary>For <see cref="JsonDocument"/>.</summary>
    public static JsonDocumentOptions Document { get; } = new() { MaxDepth = MaximumDepth };

    /// <summary>For <see cref="Utf8JsonReader"/>.</summary>
    public static JsonReaderOptions Reader { get; } = new() { MaxDepth = MaximumDepth };
}
