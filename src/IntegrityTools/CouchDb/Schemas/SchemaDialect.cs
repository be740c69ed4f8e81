namespace IntegrityTools.CouchDb.Schemas;

/// <summary>Which keywords a schema understands.</summary>
/// <param name="IsDraft7">True for draft 7, false for 2020-12.</param>
/// <param name="Asserts">False when the schema's meta-schema leaves out the vocabulary of assertions (type, minimum and so on).</param>
internal sealed record SchemaDialect(bool IsDraft7, bool Asserts)
{
    /// <summary>Draft 7.</summary>
    public static SchemaDialect Draft7 { get; } = new(true, true);

    /// <summary>Draft 2020-12.</summary>
    public static SchemaDialect Draft202012 { get; } = new(false, true);
}
