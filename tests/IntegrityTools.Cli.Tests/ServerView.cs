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

    [GeneratedRegex("\"(_rev|_conflicts|revpos)\":(\"[^\"]*\"|\\[[^]]*\\]|[0-9]+),?")]
    private static partial Regex Revisions();
}
