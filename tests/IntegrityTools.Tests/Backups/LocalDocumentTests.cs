using System.Text.Json;
using IntegrityTools.CouchDb.Backups;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Backups;

public class LocalDocumentTests
{
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(500)]
    public async Task Pages_of_any_size_give_every_local_document_once_whatever_its_name(int pageSize)
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        string[] names = ["a", "a b", "a\"b", "a/ü", "integritytools-lease", "z", "z+%"];
        foreach (var name in names)
        {
            await server.PutAsync($"{database}/_local/{Uri.EscapeDataString(name)}", $"{{\"name\":{JsonSerializer.Serialize(name)}}}");
        }

        using var client = new CouchClient(server.Address, database, server.Credential);
        var found = await new LocalDocuments(client, pageSize).ReadAsync(default).Select(document => document.Parse().RootElement.GetProperty("name").GetString()!).ToListAsync();

        Assert.Equal(names.Where(name => name != "integritytools-lease").Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        await server.DeleteAsync(database);
    }

    [SkippableFact]
    public async Task A_line_that_cannot_be_restored_kept_all_that_follow_from_being_restored_without_a_word()
    {
        var server = await CouchDbServer.RequireAsync();
        var database = await server.CreateDatabaseAsync();
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "[{\"_id\":\"_local/a\",\"n\":1}]\n[null]\n[{\"n\":2}]\n[{\"_id\":\"b\"}]\n[{\"_id\":\"_local/c\",\"_odd\":2}]\n[{\"_id\":\"_local/d\",\"n\":3}]\n");
        using var client = new CouchClient(server.Address, database, server.Credential);
        var refused = new List<string>();

        Assert.Empty(await LocalDocuments.RestoreAsync(client, path, refused.Add, default));

        File.Delete(path);
        Assert.Equal(["line 2", "line 3", "line 4"], refused.Take(3).Select(text => text[..6]));
        Assert.Contains("\"n\":3", await server.GetAsync($"{database}/_local/d"), StringComparison.Ordinal);
        await server.DeleteAsync(database);
    }
}
