using System.Security.Cryptography;
using System.Text.Json;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Cli.Tests;

/// <summary>Attachments that do not fit into the memory that the program may take, through backup, restore, repair and undo, each as a process.</summary>
public sealed class LargeAttachmentTests : IDisposable
{
    private const int Large = 200_000_000;
    private const long MostMemory = 200L << 20;
    private readonly CliFolder cli = new(5);

    public void Dispose() => cli.Dispose();

    [SkippableTheory]
    [InlineData(true, Large)]
    [InlineData(false, Large / 10)]
    public async Task A_large_attachment_comes_through_backup_test_and_restore_byte_for_byte_in_little_memory(bool compressed, int length)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/proc: the memory of a process is read there.");
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        var sent = await AttachAsync(server, database, "a b/ü", "application/octet-stream", 1, length);
        var text = await AttachAsync(server, database, "_design/d", "text/plain", 2, Large / 20);
        await server.InsertAsync(database, """{"_id":"small","_rev":"1-aa","_attachments":{"a.txt":{"content_type":"text/plain","data":"YQ=="}}}""");
        var copy = "t" + Guid.NewGuid().ToString("N");

        await RunAsync(server, ["backup", Store(server, database), "--to", "saved", .. compressed ? Array.Empty<string>() : ["--no-compress"]]);
        await RunAsync(server, "backup", "test", "saved");
        await RunAsync(server, "restore", "saved", "--to", Store(server, copy), "--confirm");

        Assert.Equal(sent, await DigestAsync(server, copy, "a b/ü"));
        Assert.Equal(text, await DigestAsync(server, copy, "_design/d"));
        Assert.Equal("a", await server.GetAsync(copy + "/small/a.txt"));
        Assert.Equal(await server.ReadLeavesAsync(database), await server.ReadLeavesAsync(copy));

        // Scanned and compared as a dump and against the database, it needs no more.
        await RunAsync(server, "restore", "saved", "--to", Store(server, copy));
        await RunAsync(server, "scan", "couchdump:" + Directory.GetFiles(cli.At("saved"), compressed ? "*.jsonl.gz" : "*.jsonl").Single());
        await server.DeleteAsync(database);
        await server.DeleteAsync(copy);
    }

    [SkippableFact]
    public async Task A_repair_that_moves_an_attachment_of_200_MB_to_the_winner_and_its_undo_need_little_memory()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/proc: the memory of a process is read there.");
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        await server.InsertAsync(database, """{"_id":"d","_rev":"1-aa","x":1,"_revisions":{"start":1,"ids":["aa"]}}""");
        var sent = await AttachAsync(server, database, "d", "image/x-raw", 3);
        using var written = JsonDocument.Parse(await server.GetAsync(database + "/d"));
        var losing = written.RootElement.GetProperty("_rev").GetString();
        await server.InsertAsync(database, """{"_id":"d","_rev":"2-ffffffffffffffffffffffffffffffff","x":2,"_revisions":{"start":2,"ids":["ffffffffffffffffffffffffffffffff","aa"]}}""");

        await RunAsync(server, "resolve", Store(server, database), "--confirm");

        Assert.Equal(sent, await DigestAsync(server, database, "d"));
        Assert.Contains("\"x\":2", await server.GetAsync(database + "/d"), StringComparison.Ordinal);
        var reports = (await cli.RunAsync("reports", "list", "--all-stores", "--output", "json")).Expect(0).Json;
        var execution = reports.GetProperty("executions")[0].GetProperty("id").GetString()!;
        await RunAsync(server, "undo", execution, "--confirm");

        using var back = JsonDocument.Parse(await server.GetAsync(database + "/d?conflicts=true"));
        Assert.False(back.RootElement.TryGetProperty("_attachments", out _));
        var branch = back.RootElement.GetProperty("_conflicts")[0].GetString()!;
        Assert.NotEqual(losing, branch);
        Assert.Equal(sent, await DigestAsync(server, database, "d", "?rev=" + branch));
        await server.DeleteAsync(database);
    }

    private static string Store(CouchDbServer server, string database) => $"couchdb://{server.Address.Authority}/{database}";

    private async Task RunAsync(CouchDbServer server, params string[] arguments)
    {
        var (result, peak) = await cli.MeasureAsync(server.Credentials(), arguments);
        result.Expect(0);
        Assert.True(peak < MostMemory, $"{arguments[0]} took {peak >> 20} MiB");
    }

    /// <summary>Gives a document an attachment of random bytes; tells their SHA-256.</summary>
    private static async Task<string> AttachAsync(CouchDbServer server, string database, string id, string type, int seed, int length = Large)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        await server.AttachAsync(database, id, "the file", type, bytes);
        return Convert.ToHexString(SHA256.HashData(bytes));
    }

    private static async Task<string> DigestAsync(CouchDbServer server, string database, string id, string revision = "") =>
        Convert.ToHexString(SHA256.HashData(await server.GetBytesAsync($"{database}/{CouchDbServer.PathOf(id)}/the%20file{revision}")));
}
