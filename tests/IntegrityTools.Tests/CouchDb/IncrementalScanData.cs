using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>What is scanned again after it was changed.</summary>
internal static class IncrementalScanData
{
    public const string Rules = "validation:\n  required_fields: { Task: [title] }\n";

    public static ScanOptions Options(ServerPlace place) => new() { Store = place.Store, Incremental = true };

    public static string Doc(string id, int generation, string[] hashes, string members) => ServerScanTests.Doc(id, generation, hashes, members);

    public static string Sound(int number) => Doc($"d{number}", 1, ["a"], "\"x\":1");

    public static string TaskOf(string id, string members) => Doc(id, 1, ["a"], "\"@type\":\"Task\"," + members);

    public static string App(string id, string host) => Doc(id, 1, ["a"], $"\"@type\":\"SoftwareApplication\",\"hostedOn\":\"{host}\"");

    public static string[] Conflict(string id) => [Doc(id, 2, ["b", "a"], "\"x\":1"), Doc(id, 2, ["c", "a"], "\"x\":2")];
}
