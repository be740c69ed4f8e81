namespace IntegrityTools.Stores;

/// <summary>A name and a password. Never written anywhere.</summary>
/// <param name="UserName">The name.</param>
/// <param name="Password">The password.</param>
public sealed record StoreCredential(string UserName, string Password)
{
    /// <summary>The name only.</summary>
    public override string ToString() => $"{UserName} (password hidden)";
}
