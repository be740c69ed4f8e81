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

    /// <summary>The folder for its backups, a full path; null: it is named each time.</summary>
    public string? BackupFolder { get; init; }

    /// <summary>For how many days all of its backups are kept; null: 30 if one of the other numbers is set, else for ever.</summary>
    public int? KeepDays { get; init; }

    /// <summary>Of how many of the last days that have a backup the newest is kept, too.</summary>
    public int? KeepDaily { get; init; }

    /// <summary>Likewise of how many weeks.</summary>
    public int? KeepWeekly { get; init; }

    /// <summary>Likewise of how many months.</summary>
    public int? KeepMonthly { get; init; }

    /// <summary>Whether this store is meant when none is named.</summary>
    public bool Default { get; init; }
}
