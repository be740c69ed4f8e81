using System.Text.Json;

namespace IntegrityTools.Model;

/// <summary>
/// The limits under which all JSON of stores is read. CouchDB has none for nesting: what steps over values takes any depth, so that one document holds up
/// no other, and a backup holds it as it stands; what takes values apart goes down to a depth that its recursion can bear.
/// </summary>
public static class JsonLimits
{
    /// <summary>The deepest nesting of a document that is taken apart.</summary>
    public const int MaximumDepth = 4096;

    /// <summary>The deepest nesting of what holds such documents: plans, their operations, results, events.</summary>
    public const int HolderDepth = MaximumDepth + 64;

    /// <summary>For <see cref="JsonDocument"/>, of a store's document.</summary>
    public static JsonDocumentOptions Document { get; } = new() { MaxDepth = MaximumDepth };

    /// <summary>For <see cref="JsonDocument"/>, of what holds documents.</summary>
    public static JsonDocumentOptions Holder { get; } = new() { MaxDepth = HolderDepth };

    /// <summary>For <see cref="Utf8JsonReader"/>, which needs a bit for each level.</summary>
    public static JsonReaderOptions Reader { get; } = new() { MaxDepth = int.MaxValue };
}
