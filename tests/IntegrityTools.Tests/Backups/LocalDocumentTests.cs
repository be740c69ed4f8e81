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
}
