namespace IntegrityTools.Stores;

/// <summary>A name and a password for a store. Never written anywhere.</summary>
/// <param name="UserName">The name.</param>
/// <param name="Password">The password.</param>
public sealed record StoreCredential(string UserName, string Password)
{
    /// <summary>The name alone: a credential that ends up in a log or an interpolated string must not show its password.</summary>
    public override string ToString() => $"StoreCredential {{ UserName = {UserName}, Password = *** }}";
}
