namespace IntegrityTools.Stores;

/// <summary>A user's name and password. Its text never holds the password.</summary>
/// <param name="UserName">The name.</param>
/// <param name="Password">The password.</param>
public sealed record StoreCredential(string UserName, string Password)
{
    /// <summary>The user's name; the password is hidden.</summary>
    public override string ToString() => $"{UserName}:***";
}
