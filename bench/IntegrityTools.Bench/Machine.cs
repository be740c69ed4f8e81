using System.Globalization;
using System.Runtime.InteropServices;

namespace IntegrityTools.Bench;

/// <summary>Where and with what it was measured.</summary>
/// <param name="Facts">Names and values, in the order of printing.</param>
internal sealed record Machine(IReadOnlyList<KeyValuePair<string, string>> Facts)
{
    /// <summary>Asks the machine and its programs.</summary>
    public static async Task<Machine> DescribeAsync(CouchServer server)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        var facts = new Dictionary<string, string?>
        {
            ["commit"] = Tools.FirstLine("git", "rev-parse", "--short", "HEAD") + (Tools.FirstLine("git", "status", "--porcelain", "src") is { Length: > 0 } ? " with changes" : ""),
            ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture),
            ["machine"] = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {memory:F0} GB, {RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}"),
            [".NET"] = $"{Environment.Version} (SDK {Tools.FirstLine("dotnet", "--version")})",
            ["CouchDB"] = await server.VersionAsync().ConfigureAwait(false),
            ["curl"] = Tools.FirstLine(Tools.Find("curl"), "--version")?.Split(' ').ElementAtOrDefault(1),
            ["Node.js"] = Tools.FirstLine(Tools.Find("node"), "--version"),
            ["couchbackup"] = Tools.FirstLine(Tools.CouchBackup, "--version"),
            ["PowerShell"] = Tools.FirstLine(Tools.Find("pwsh"), "-NoProfile", "-Command", "\"$($PSVersionTable.PSVersion)\""),
        };
        return new Machine([.. facts.Select(fact => KeyValuePair.Create(fact.Key, string.IsNullOrEmpty(fact.Value) ? "none" : fact.Value))]);
    }
}
