using IntegrityTools.Configuration;
using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>Where a store is, in canonical form; never with a password. Equal when kind, place and user are.</summary>
public sealed record StoreAddress
{
    private static readonly string[] SqliteEndings = [".db", ".sqlite", ".sqlite3"];
    private static readonly string[] DumpEndings = [".jsonl", ".jsonl.gz", ".txt.gz"];

    internal StoreAddress(string kind, string canonical)
    {
        Kind = kind;
        Canonical = canonical;
    }

    /// <summary>couchdb, couchdump, sqlite, archive or bistore.</summary>
    public string Kind { get; }

    /// <summary>The address as it is kept and shown: lower-case host, explicit port, full path, no user.</summary>
    public string Canonical { get; }

    /// <summary>Of a server: its root with a slash at the end, such as <c>http://host:5984/prefix/</c>.</summary>
    public Uri? Server { get; internal init; }

    /// <summary>Of a server: the database's name, unescaped.</summary>
    public string? Database { get; internal init; }

    /// <summary>Of a server: the user's name when the address has one.</summary>
    public string? UserName { get; internal init; }

    /// <summary>Of a file: its full path.</summary>
    public string? Path { get; internal init; }

    /// <summary>Reads an address, or a path that has the form of one.</summary>
    /// <param name="text">The address.</param>
    /// <param name="folder">Where relative paths start; null: the working folder.</param>
    /// <exception cref="IntegrityException">
    /// <see cref="ErrorIds.PasswordInAddress"/>, <see cref="ErrorIds.InvalidAddress"/>, or <see cref="ErrorIds.UnknownStore"/> for what has no
    /// form of an address at all.
    /// </exception>
    public static StoreAddress Parse(string text, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        AddressSecrets.Refuse(text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);

        // One letter before the colon is a drive of Windows.
        var scheme = colon > 1 ? text[..colon].ToLowerInvariant() : string.Empty;
        var rest = text[(colon + 1)..];
        var start = folder ?? Environment.CurrentDirectory;
        return scheme switch
        {
            "couchdb" or "couchdbs" or "http" or "https" => CouchAddress.Parse(text, scheme, rest),
            "couchdump" or "sqlite" or "configuration" => OfFile(scheme, rest, start, text),
            "archive" or "bistore" when rest.Length > 0 => new StoreAddress(scheme, $"{scheme}:{rest}"),
            "archive" or "bistore" => throw Invalid(text, "nothing stands behind the colon"),
            _ when EndsWith(text, SqliteEndings) && !text.Contains("://", StringComparison.Ordinal) => OfFile("sqlite", text, start, text),
            _ when EndsWith(text, DumpEndings) && File.Exists(UserFolders.FullPath(text, start)) => OfFile("couchdump", text, start, text),
            _ => throw new IntegrityException(
                ErrorIds.UnknownStore,
                $"'{AddressSecrets.Hide(text)}' is no address of a store{(EndsWith(text, DumpEndings) ? ", and there is no such file" : string.Empty)}.",
                AddressSecrets.Hide(text),
                "Write couchdb://host:5984/db, couchdbs://host/db, couchdump:path, sqlite:path, or the name of a store in integrity.yaml."),
        };
    }

    /// <summary>The canonical form with the user's name, when there is one.</summary>
    public string WithUser() => UserName is null
        ? Canonical
        : Canonical.Replace("://", $"://{Uri.EscapeDataString(UserName)}@", StringComparison.Ordinal);

    /// <summary>The canonical form.</summary>
    public override string ToString() => Canonical;

    internal static IntegrityException Invalid(string text, string why) => new(
        ErrorIds.InvalidAddress,
        $"'{text}' is not a right address: {why}.",
        text,
        "Write couchdb://host:5984/db, couchdbs://host/db, couchdump:path or sqlite:path; a slash in a database's name is %2F.");

    private static bool EndsWith(string text, string[] endings) =>
        endings.Any(ending => text.Length > ending.Length && text.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static StoreAddress OfFile(string kind, string path, string folder, string text)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            throw Invalid(text, "it names no file");
        }

        var full = UserFolders.FullPath(path, folder);
        return new StoreAddress(kind, $"{kind}:{full}") { Path = full };
    }
}
