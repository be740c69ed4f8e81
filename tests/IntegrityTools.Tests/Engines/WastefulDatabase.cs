using System.Globalization;

namespace IntegrityTools.Tests.Engines;

/// <summary>Documents whose database holds some two megabytes, most of it their first revisions.</summary>
internal static class WastefulDatabase
{
    /// <summary>Their first revisions, then their second ones, which are small.</summary>
    public static (string[] First, string[] Second) Documents()
    {
        var random = new Random(5);
        var bytes = new byte[15_000];
        string Body()
        {
            random.NextBytes(bytes);
            return Convert.ToBase64String(bytes);
        }

        var ids = Enumerable.Range(0, 100).Select(number => string.Create(CultureInfo.InvariantCulture, $"doc{number:000}")).ToList();
        return (
            [.. ids.Select(id => $$$"""{"_id":"{{{id}}}","_rev":"1-a","_revisions":{"start":1,"ids":["a"]},"pad":"{{{Body()}}}"}""")],
            [.. ids.Select(id => $$$"""{"_id":"{{{id}}}","_rev":"2-b","_revisions":{"start":2,"ids":["b","a"]},"pad":""}""")]);
    }

    /// <summary>Fills a database with them.</summary>
    public static async Task FillAsync(CouchDbServer server, string database)
    {
        var (first, second) = Documents();
        await server.InsertAsync(database, first);
        await server.InsertAsync(database, second);
    }
}
