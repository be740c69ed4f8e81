using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Cli.Tests;

/// <summary>A server as the program and its users see it.</summary>
internal static partial class ServerView
{
    /// <summary>The variables that name its admin.</summary>
    public static Dictionary<string, string> Credentials(this CouchDbServer server) => server.Credential is { } credential
        ? new() { ["INTEGRITY_USER"] = credential.UserName, ["INTEGRITY_PASSWORD"] = credential.Password }
        : [];

    /// <summary>Every document that a reader sees, with the number of its conflicts and its attachments, without revisions.</summary>
    public static async Task<string> ReadAsync(this CouchDbServer server, string database)
    {
        using var all = JsonDocument.Parse(await server.GetAsync(database + "/_all_docs?include_docs=true&conflicts=true&attachments=true"));
        return string.Join('\n', all.RootElement.GetProperty("rows").EnumerateArray().Select(row =>
            (row.GetProperty("doc").TryGetProperty("_conflicts", out var conflicts) ? conflicts.GetArrayLength() : 0)
            + Revisions().Replace(row.GetProperty("doc").GetRawText(), string.Empty)));
    }

    /// <summary>Every leaf with its history, body and stubs, as the server tells them.</summary>
    public static async Task<string> ReadLeavesAsync(this CouchDbServer server, string database)
    {
        using var feed = JsonDocument.Parse(await server.GetAsync(database + "/_changes?style=all_docs"));
        var ids = feed.RootElement.GetProperty("results").EnumerateArray().Select(row => row.GetProperty("id").GetString()!).Order(StringComparer.Ordinal);
        using var leaves = JsonDocument.Parse(await server.PostAsync(
            database + "/_bulk_get?revs=true", $"{{\"docs\":[{string.Join(',', ids.Select(id => $"{{\"id\":{JsonSerializer.Serialize(id)}}}"))}]}}"));
        return leaves.RootElement.GetRawText();
    }

    [GeneratedRegex("\"(_rev|_conflicts|revpos)\":(\"[^\"]*\"|\\[[^]]*\\]|[0-9]+),?")]
    private static partial Regex Revisions();
}
