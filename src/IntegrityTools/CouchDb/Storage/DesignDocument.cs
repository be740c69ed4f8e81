using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>A design document that has views; its views share one index.</summary>
/// <param name="Id">Its id, <c>_design/…</c>.</param>
/// <param name="Revision">Its revision.</param>
/// <param name="Language">The language of its functions; <c>query</c> for Mango indexes.</param>
/// <param name="Views">Its views; of Mango the indexes, each by its name.</param>
/// <param name="Scope">What else its functions' answers depend on: its options and its library, as JSON.</param>
/// <param name="Body">The whole document.</param>
internal sealed record DesignDocument(string Id, string Revision, string Language, IReadOnlyList<DesignView> Views, string Scope, RawJson Body)
{
    private const string Prefix = "_design/";

    /// <summary>True for Mango indexes.</summary>
    public bool IsMango => Language == "query";

    /// <summary>True when its views are over all documents in a partitioned database, too, where others are asked of one partition at a time.</summary>
    public bool IsGlobal
    {
        get
        {
            using var document = Body.Parse();
            return document.RootElement.TryGetProperty("options", out var options) && options.ValueKind == JsonValueKind.Object
                && options.TryGetProperty("partitioned", out var partitioned) && partitioned.ValueKind == JsonValueKind.False;
        }
    }

    /// <summary>Its id without <c>_design/</c>.</summary>
    public string Name => Id[Prefix.Length..];

    /// <summary>Its path below the database, escaped.</summary>
    public string Path => $"/{Prefix}{Uri.EscapeDataString(Name)}";

    /// <summary>The path of a compaction of its index, below the database.</summary>
    public string CompactPath => $"/_compact/{Uri.EscapeDataString(Name)}";

    /// <summary>The path of a view, below the database.</summary>
    public string PathOf(DesignView view) => $"{Path}/_view/{Uri.EscapeDataString(view.Name)}";

    /// <summary>Reads it; null when it has no views, or an id that no URL can carry.</summary>
    public static DesignDocument? Read(JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object
            || document.Text("_id") is not { } id || !id.StartsWith(Prefix, StringComparison.Ordinal) || id[Prefix.Length..] is "" or "." or ".."
            || document.Text("_rev") is not { } revision
            || !document.TryGetProperty("views", out var views) || views.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var found = views.EnumerateObject()
            .Where(view => view.Name != "lib" && view.Value.ValueKind == JsonValueKind.Object && view.Value.TryGetProperty("map", out _))
            .Select(view => new DesignView(view.Name, view.Value.GetProperty("map").GetRawText(), view.Value.Text("reduce")))
            .ToList();
        return found.Count == 0 ? null : new DesignDocument(id, revision, document.Text("language") ?? "javascript", found, Raw(document, "options") + Raw(views, "lib"), RawJson.FromText(document.GetRawText()));
    }

    private static string Raw(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetRawText() : "";
}
