using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>One entry of <c>stores:</c> in integrity.yaml. It knows where the password is, never the password.</summary>
public sealed record StoreSettings
{
    /// <summary>The name by which the store is called; case does not matter.</summary>
    public required string Name { get; init; }

    /// <summary>Its address, in canonical form.</summary>
    public string Address { get; init; } = string.Empty;

    /// <summary>The user's name; null: the address's, or none.</summary>
    public string? User { get; init; }

    /// <summary>The file whose first line is the password, a full path.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The environment variable that holds the password.</summary>
    public string? PasswordEnvironment { get; init; }

    /// <summary>
    /// Of a SQLite database: the connection string or URI with which the application opens it, by which the settings that no file holds
    /// are judged; null: they are unknown.
    /// </summary>
    public string? Connection { get; init; }

    /// <summary>Of a CouchDB database: the application's Mango queries, each as <c>_find</c> takes it.</summary>
    public IReadOnlyList<RawJson> Queries { get; init; } = [];

    /// <summary>Whether this store is meant when none is named.</summary>
    public bool Default { get; init; }
}
