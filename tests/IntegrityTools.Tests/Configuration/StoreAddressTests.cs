using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Configuration;

public class StoreAddressTests
{
    [Theory]
    [InlineData("couchdb://Host/db", "couchdb://host:5984/db")]
    [InlineData("couchdbs://host/db/", "couchdbs://host:6984/db")]
    [InlineData("http://host:5984/db", "couchdb://host:5984/db")]
    [InlineData("https://host/db", "couchdbs://host:443/db")]
    [InlineData("couchdb://admin@host/db", "couchdb://host:5984/db")]
    [InlineData("couchdb://host/a%2fb", "couchdb://host:5984/a%2Fb")]
    [InlineData("couchdb://host/a+(b)$", "couchdb://host:5984/a+(b)$")]
    [InlineData("couchdb://host/behind/a/proxy/db", "couchdb://host:5984/behind/a/proxy/db")]
    [InlineData("couchdb://[0:0::1]:80/db", "couchdb://[::1]:80/db")]
    public void An_address_has_one_canonical_form(string text, string canonical)
    {
        var address = StoreAddress.Parse(text);
        Assert.Equal(canonical, address.Canonical);
        Assert.Equal(canonical, StoreAddress.Parse(canonical).Canonical);
    }

    [Theory]
    [InlineData("couchdump:a/../x.jsonl", "couchdump", "x.jsonl")]
    [InlineData("app.SQLITE3", "sqlite", "app.SQLITE3")]
    public void The_address_of_a_file_has_its_full_path(string text, string kind, string file)
    {
        var folder = Path.GetFullPath(Path.GetTempPath());
        var address = StoreAddress.Parse(text, folder);
        Assert.Equal($"{kind}:{Path.Combine(folder, file)}", address.Canonical);
        Assert.Equal(address, StoreAddress.Parse(address.Canonical));
    }

    [Fact]
    public void The_last_segment_is_the_database_and_the_rest_is_the_server()
    {
        var address = StoreAddress.Parse("couchdb://me@host/couch/a%2Fb");
        Assert.Equal(("a/b", "me", "http://host:5984/couch/"), (address.Database, address.UserName, address.Server!.AbsoluteUri));
        Assert.Equal(address, StoreAddress.Parse(address.WithUser()));
    }

    [Fact]
    public void What_is_written_is_read_back_as_the_same()
    {
        var random = new Random(5);
        const string letters = "ab0_$()+-/ %é@:?#&=.~'";
        for (var round = 0; round < 2000; round++)
        {
            var database = "d" + new string(random.GetItems<char>(letters, random.Next(12)));
            var user = random.Next(2) == 0 ? string.Empty : "u%40" + random.Next(99) + "@";
            var address = StoreAddress.Parse($"couchdb://{user}host{random.Next(99)}:{random.Next(1, 65536)}/{Uri.EscapeDataString(database)}");
            Assert.Equal(database, address.Database);
            Assert.Equal(address, StoreAddress.Parse(address.WithUser()));
        }
    }

    [Theory]
    [InlineData("admin:s3cret@host:5984/db")]
    [InlineData("https:/admin:s3cret@host:5984/db")]
    [InlineData("couchdb:admin:s3cret@host/db")]
    public async Task A_password_in_what_is_no_address_is_not_shown_either(string text)
    {
        await using var place = new Workplace();

        var refused = Assert.Throws<IntegrityException>(() => place.Engine.Stores.Resolve(text));

        Assert.DoesNotContain("s3cret", refused.Message + refused.Target + refused.NextStep, StringComparison.Ordinal);
        Assert.Contains("***@host", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("couchdb://admin:s3cret@host/db")]
    [InlineData("couchdb://admin:s3c/r@et@host/db")]
    [InlineData("http://:s3cret@host/db")]
    [InlineData("bistore:sqlite=a.db;neo4j=http://neo:s3cret@h:7474/x")]
    public void A_password_in_an_address_is_refused_and_not_shown(string text)
    {
        var refused = Assert.Throws<IntegrityException>(() => StoreAddress.Parse(text));
        Assert.Equal(ErrorIds.PasswordInAddress, refused.ErrorId);
        Assert.DoesNotContain("s3c", refused.ToString() + refused.Target + refused.NextStep, StringComparison.Ordinal);
        Assert.Contains("password_file", refused.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("couchdb://host", ErrorIds.InvalidAddress)]
    [InlineData("couchdb:host/db", ErrorIds.InvalidAddress)]
    [InlineData("couchdb://host:0/db", ErrorIds.InvalidAddress)]
    [InlineData("couchdb://ho st/db", ErrorIds.InvalidAddress)]
    [InlineData("couchdb://::1/db", ErrorIds.InvalidAddress)]
    [InlineData("couchdb://host/../db", ErrorIds.InvalidAddress)]
    [InlineData("couchdb://host/db?password=x", ErrorIds.InvalidAddress)]
    [InlineData("couchdump:", ErrorIds.InvalidAddress)]
    [InlineData("nowhere", ErrorIds.UnknownStore)]
    [InlineData("ftp://host/x.db", ErrorIds.UnknownStore)]
    [InlineData("/nowhere/backup.jsonl.gz", ErrorIds.UnknownStore)]
    public void What_is_no_address_is_refused(string text, string errorId) =>
        Assert.Equal(errorId, Assert.Throws<IntegrityException>(() => StoreAddress.Parse(text)).ErrorId);

    [Fact]
    public void A_store_is_found_by_name_and_without_one_by_default()
    {
        var catalog = Catalog("stores: {lab: 'couchdb://h/a', live: {address: 'couchdb://h/b', default: true}}");
        Assert.Equal("couchdb://h:5984/a", catalog.Resolve("LAB").Descriptor.Address);
        Assert.Equal("live", catalog.Resolve(null).Descriptor.Name);
        var unknown = Assert.Throws<IntegrityException>(() => catalog.Resolve("lvie"));
        Assert.Equal(ErrorIds.UnknownStore, unknown.ErrorId);
        Assert.Contains("Did you mean 'live'?", unknown.Message, StringComparison.Ordinal);
        var lacking = Assert.Throws<IntegrityException>(() => catalog.Open("archive:a"));
        Assert.Contains("opens no stores of kind archive", lacking.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_s_credential_serves_stores_with_none_of_their_own()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "own\nrest");
        var catalog = Catalog($"stores: {{a: {{address: 'couchdb://me@h/a', password_file: '{file}'}}, b: 'couchdb://h/b', c: 'couchdump:c.jsonl'}}");
        string? Environment(string name) => name == "INTEGRITY_USER" ? "all" : name == "INTEGRITY_PASSWORD" ? "shared" : null;
        Assert.Equal(new StoreCredential("me", "own"), StoreCatalog.CredentialFor(catalog.Resolve("a"), Environment));
        Assert.Equal(new StoreCredential("all", "shared"), StoreCatalog.CredentialFor(catalog.Resolve("b"), Environment));
        Assert.Null(StoreCatalog.CredentialFor(catalog.Resolve("c"), Environment));
        Assert.DoesNotContain("own", new StoreCredential("me", "own").ToString(), StringComparison.Ordinal);
        File.Delete(file);
    }

    private static StoreCatalog Catalog(string text) => new(ConfigurationLoader.Parse(text, "integrity.yaml"), []);
}
