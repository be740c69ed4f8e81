using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Validation;

/// <summary>The same documents as a dump and, where there is a server, as a database: what is found must not depend on which.</summary>
internal static class ContentPlace
{
    /// <summary>A first revision of a document.</summary>
    public static string Doc(string id, string members) => ServerScanTests.Doc(id, 1, ["a"], members);

    /// <summary>What a scan of a dump of these documents finds.</summary>
    public static async Task<List<IntegrityIssue>> ScanDumpAsync(string configuration, string types, params string[] documents)
    {
        await using var place = new Workplace(configuration);
        return await ScanAsync(place, WriteDump(place, documents), types);
    }

    /// <summary>What a scan of a database of these documents finds.</summary>
    public static async Task<List<IntegrityIssue>> ScanServerAsync(string configuration, string types, params string[] documents)
    {
        await using var place = await ServerPlace.WithAsync(configuration, real: false, documents);
        return await ScanAsync(place.Place, place.Store, types);
    }

    /// <summary>Writes a dump into the place's folder; its address.</summary>
    public static string WriteDump(Workplace place, params string[] documents)
    {
        var path = place.PathOf("dump.jsonl");
        File.WriteAllLines(path, documents.Select(document => $"[{document}]"));
        return "couchdump:" + path;
    }

    /// <summary>Scans for types alone.</summary>
    public static ValueTask<List<IntegrityIssue>> ScanAsync(Workplace place, string store, string types) =>
        place.Engine.ScanAsync(new ScanOptions { Store = store, Credential = place.Credential, Types = [types] }, default).ToListAsync();

    /// <summary>Issues as short lines, sorted.</summary>
    public static IEnumerable<string> Lines(IEnumerable<IntegrityIssue> issues) => issues
        .Select(issue => $"{issue.Subject} {issue.Type} {string.Join(' ', ((DocumentEvidence)issue.Evidence).Faults.Select(fault => fault.Path))}")
        .Order(StringComparer.Ordinal);
}
