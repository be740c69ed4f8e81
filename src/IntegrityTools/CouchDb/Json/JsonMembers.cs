using System.Text.Json;

namespace IntegrityTools.CouchDb.Json;

/// <summary>Members of what a server answers or a person has written, which need not be what they should.</summary>
internal static class JsonMembers
{
    /// <summary>The text of a member; null when there is none, when it is no text, and when this is no object.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
