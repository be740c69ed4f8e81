using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Storage;

/// <summary>What tests of a server's storage need.</summary>
internal static class StoragePlace
{
    /// <summary>A database whose files hold some two megabytes, most of it the first revisions of 100 documents.</summary>
    public static async Task<ServerPlace> WastefulAsync(string configuration = "resolution: {}\n")
    {
        var place = await ServerPlace.WithAsync(configuration, real: true);
        await WastefulDatabase.FillAsync(place.Server, place.Database);
        return place;
    }

    /// <summary>Scans for types.</summary>
    public static ValueTask<List<IntegrityIssue>> ScanAsync(this ServerPlace place, params string[] types) =>
        place.Place.Engine.ScanAsync(new ScanOptions { Store = place.Store, Credential = place.Place.Credential, Types = types }, default).ToListAsync();

    /// <summary>A number in what the server tells about the database.</summary>
    public static async Task<long> NumberAsync(this ServerPlace place, string path, params string[] members)
    {
        using var answer = JsonDocument.Parse(await place.Server.GetAsync(place.Database + path));
        var at = answer.RootElement;
        foreach (var member in members)
        {
            at = at.GetProperty(member);
        }

        return at.GetInt64();
    }

    /// <summary>Overwrites all but the beginning of every stored index of a server that a test has for itself.</summary>
    public static void DamageIndexes(CouchDbServer server)
    {
        foreach (var file in Directory.EnumerateFiles(server.Process!.Folder, "*.view", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            stream.Position = 60;
            stream.Write(Enumerable.Repeat((byte)0xfe, (int)Math.Max(0, stream.Length - 60)).ToArray());
        }
    }
}
