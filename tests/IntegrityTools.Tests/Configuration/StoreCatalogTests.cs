using IntegrityTools.Configuration;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Configuration;

public sealed class StoreCatalogTests
{
    private static readonly IntegrityConfiguration Configured = new()
    {
        Stores = [new StoreSettings { Name = "orders", Address = "couchdb://host:5984/orders", User = "admin" }],
    };

    private readonly StoreCatalog catalog = new(Configured, []);

    [Theory]
    [InlineData("orders")]
    [InlineData("couchdb://host:5984/orders")]
    [InlineData("couchdb://HOST/orders")]
    [InlineData("couchdb://admin@host/orders")]
    public void What_is_configured_for_a_store_holds_by_its_name_and_by_its_address(string store) =>
        Assert.Equal("orders", catalog.Resolve(store).Settings?.Name);

    [Theory]
    [InlineData("couchdb://host:5984/customers")]
    [InlineData("couchdb://eve@host:5984/orders")]
    public void It_does_not_hold_for_another_database_or_another_user(string store) =>
        Assert.Null(catalog.Resolve(store).Settings);
}
