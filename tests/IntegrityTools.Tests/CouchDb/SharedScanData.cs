using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>What scans are shared over, and what of them is to be seen in the database.</summary>
internal static class SharedScanData
{
    public const int Documents = 8400;
    public const string Rules = """
        validation:
          required_fields: { Task: [title] }
          references: [ { document_type: Task, path: needs, target_type: Task } ]
          identities: [ { document_type: Task, fields: [number] } ]

        """;

    public static ShareRequest Wanted { get; } = new("nightly", new ScanScope { Types = [IssueTypes.MissingField, IssueTypes.RevisionConflict, IssueTypes.SemanticDuplicate] }, "ledger");

    public static async Task<List<string>> LocalsAsync(ServerPlace place) =>
        [.. (await RowsAsync(place)).Select(row => row.GetProperty("id").GetString()!)];

    public static async Task<List<JsonElement>> RowsAsync(ServerPlace place) =>
        [.. JsonDocument.Parse(await place.Server.GetAsync(place.Database + "/_local_docs?include_docs=true")).RootElement.GetProperty("rows").EnumerateArray()];

    // Some in conflict, some without their title, some that refer to documents of other ranges and some to none, some that are one thing twice.
    public static async Task FillAsync(ServerPlace place)
    {
        foreach (var chunk in Enumerable.Range(0, Documents).Chunk(1000))
        {
            await place.Server.InsertAsync(place.Database, [.. chunk.SelectMany(number => number % 100 == 0
                ? [Doc(number, "b"), Doc(number, "c")]
                : new[] { Doc(number, "b") })]);
        }
    }

    private static string Doc(int number, string hash) => ServerScanTests.Doc(
        $"d{number:D6}", 2, [hash, "a"],
        $"\"@type\":\"Task\",\"{(number % 40 == 1 ? "none" : "title")}\":\"{hash}\",\"number\":{(number % 600 == 5 ? 5 : number)},"
        + $"\"needs\":\"d{(number % 70 == 2 ? number + 900000 : number * 7919 % Documents):D6}\"");
}
