using System.Text;
using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;

namespace IntegrityTools.Tests.Repair;

/// <summary>Attachments through repair and undo on a real server, whose bytes are read back as any client would.</summary>
public class AttachmentRepairTests
{
    private const int Large = 20 * 1024 * 1024;

    // CouchDB keeps text/* compressed: what it stores, and its digest, are not what was sent.
    private static readonly byte[] Text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("the same line again, ä\n", 4000)));
    private static readonly byte[] Other = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("another line, ö\n", 3000)));

    [SkippableFact]
    public async Task One_side_adds_one_attachment_and_the_other_another_and_both_are_kept_and_given_back()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n",
            real: true,
            ServerScanTests.Doc("d", 1, ["a"], "\"x\":1"),
            ServerScanTests.Doc("d", 2, ["b", "a"], $"\"x\":2,{Attached(("a ü.txt", "text/plain; charset=utf-8", Text), ("same", "text/x", Text))}"),
            ServerScanTests.Doc("d", 2, ["c", "a"], $"\"x\":1,{Attached(("b/c.bin", "application/octet-stream", Other), ("same", "text/x", Text))}"));
        var before = await place.StateAsync("d");

        var plan = await place.RepairAsync();

        Assert.Equal(Strategy.Merge, Assert.Single(plan.Operations).Strategy);
        await AssertServedAsync(place, ("a ü.txt", "text/plain; charset=utf-8", Text), ("b/c.bin", "application/octet-stream", Other), ("same", "text/x", Text));
        await place.UndoAsync();
        Assert.Equal(before, await place.StateAsync("d"));
    }

    [SkippableFact]
    public async Task The_same_attachment_changed_on_both_sides_is_left_to_a_person()
    {
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n",
            real: true,
            ServerScanTests.Doc("d", 1, ["a"], $"\"x\":1,{Attached(("f", "text/plain", "1"u8.ToArray()))}"),
            ServerScanTests.Doc("d", 2, ["b", "a"], $"\"x\":1,{Attached(("f", "text/plain", Text))}"),
            ServerScanTests.Doc("d", 2, ["c", "a"], $"\"x\":1,{Attached(("f", "text/plain", Other))}"));

        var operation = Assert.Single((await place.Place.PlanAsync(await place.Place.ScanAsync(place.Store))).Operations);

        Assert.True(operation.NeedsReview);
        Assert.Equal(["_attachments['f']"], operation.UndecidedFields);
    }

    /// <summary>The large one is on the losing leaf, so it has to travel: into the backup, to the merged document, and back.</summary>
    [SkippableFact]
    public async Task An_attachment_of_20_MB_and_a_compressed_one_come_through_repair_and_undo_byte_for_byte()
    {
        var large = new byte[Large];
        new Random(5).NextBytes(large);
        await using var place = await ServerPlace.WithAsync(
            "resolution: {}\n",
            real: true,
            ServerScanTests.Doc("d", 1, ["a"], "\"x\":1"),
            ServerScanTests.Doc("d", 2, ["c", "a"], "\"x\":2"),
            ServerScanTests.Doc("d", 2, ["b", "a"], $"\"x\":1,{Attached(("large", "image/x-raw", large), ("t", "text/plain", Text))}"));
        var before = await place.StateAsync("d");

        await place.RepairAsync();
        await AssertServedAsync(place, ("large", "image/x-raw", large), ("t", "text/plain", Text));

        await place.UndoAsync();
        Assert.Equal(before, await place.StateAsync("d"));
    }

    private static string Attached(params (string Name, string Type, byte[] Bytes)[] files) =>
        "\"_attachments\":{" + string.Join(',', files.Select(file =>
            $"{JsonSerializer.Serialize(file.Name)}:{{\"content_type\":\"{file.Type}\",\"data\":\"{Convert.ToBase64String(file.Bytes)}\"}}")) + "}";

    private static async Task AssertServedAsync(ServerPlace place, params (string Name, string Type, byte[] Bytes)[] files)
    {
        using var document = JsonDocument.Parse(await place.Server.GetAsync($"{place.Database}/d"));
        Assert.Equal(2, document.RootElement.GetProperty("x").GetInt32());
        var attachments = document.RootElement.GetProperty("_attachments");
        Assert.Equal(files.Select(file => file.Name), attachments.EnumerateObject().Select(item => item.Name).Order(StringComparer.Ordinal));
        foreach (var (name, type, bytes) in files)
        {
            Assert.Equal(type, attachments.GetProperty(name).GetProperty("content_type").GetString());
            Assert.Equal(bytes, await place.Server.GetBytesAsync($"{place.Database}/d/{Uri.EscapeDataString(name)}"));
        }
    }
}
