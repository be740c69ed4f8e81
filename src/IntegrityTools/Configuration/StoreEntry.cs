using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Configuration;

/// <summary>An element of <c>stores:</c>: an address alone, or a map.</summary>
internal sealed class StoreEntry : ValueKind<StoreSettings>
{
    private static readonly ScalarKind<string> Address = new("a store's address", ReadAddress, value => value);

    private static readonly Setting<StoreSettings>[] Table =
    [
        new Setting<StoreSettings, string>("address", Address, s => s.Address, (s, v) => s with { Address = v },
            "Where the store is, without a password."),
        new Setting<StoreSettings, string?>("user", ValueKinds.OptionalText, s => s.User, (s, v) => s with { User = v },
            "The user's name; the one in the address counts when this is not set."),
        new Setting<StoreSettings, string?>("password_file", ValueKinds.FilePath, s => s.PasswordFile, (s, v) => s with { PasswordFile = v },
            "The file whose first line is the password; readable by you alone."),
        new Setting<StoreSettings, string?>("password_environment", ValueKinds.Variable, s => s.PasswordEnvironment,
            (s, v) => s with { PasswordEnvironment = v }, "The environment variable that holds the password."),
        new Setting<StoreSettings, string?>("connection", ValueKinds.OptionalText, s => s.Connection, (s, v) => s with { Connection = v },
            "Of a SQLite database: the connection string or URI with which the application opens it; synchronous, foreign_keys and busy_timeout are read off it."),
        new Setting<StoreSettings, IReadOnlyList<RawJson>>("queries", new ListKind<RawJson>(new QueryEntry()), s => s.Queries, (s, v) => s with { Queries = v },
            "Of a CouchDB database: the application's Mango queries, by which missing and unused indexes are judged."),
        new Setting<StoreSettings, string?>("backups.folder", ValueKinds.FilePath, s => s.BackupFolder, (s, v) => s with { BackupFolder = v },
            "The folder for its backups when none is named."),
        Keep("days", s => s.KeepDays, (s, v) => s with { KeepDays = v }, "Backups younger than this many days are kept, older ones removed once a new one is verified; not set: none is removed."),
        Keep("daily", s => s.KeepDaily, (s, v) => s with { KeepDaily = v }, "The newest of each of the last days that have one, this many, is kept, too."),
        Keep("weekly", s => s.KeepWeekly, (s, v) => s with { KeepWeekly = v }, "Likewise of the last weeks."),
        Keep("monthly", s => s.KeepMonthly, (s, v) => s with { KeepMonthly = v }, "Likewise of the last months."),
        new Setting<StoreSettings, bool>("default", ValueKinds.Flag, s => s.Default, (s, v) => s with { Default = v },
            "Whether this store is meant when none is named."),
    ];

    public override string Name => "an address or a map";

    public override bool TryRead(ConfigurationNode node, string path, ConfigurationReader reader, out StoreSettings value)
    {
        var name = path[(path.IndexOf('.', StringComparison.Ordinal) + 1)..];
        value = new StoreSettings { Name = name };
        var before = reader.Errors.Count;
        if (name.Length == 0 || !name.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.'))
        {
            reader.Fail(node, path, "A store's name is made of letters, digits, '-', '_' and '.'.");
        }
        else if (node is MapNode map)
        {
            value = reader.Read(value, Table, map.Entries, path + ".");
            if (reader.Errors.Count == before && value.Address.Length == 0)
            {
                reader.Fail(node, path, "A store needs an address.");
            }

            if (value is { PasswordFile: not null, PasswordEnvironment: not null })
            {
                reader.Fail(path + ".password_environment", "Expected password_file or password_environment, not both.");
            }
        }
        else if (Address.TryRead(node, path, reader, out var address))
        {
            value = value with { Address = address };
        }

        return reader.Errors.Count == before;
    }

    public override string Format(StoreSettings value) => value.Address;

    public override IEnumerable<ConfigurationKey> Keys(string path) =>
        Table.SelectMany(setting => setting.Keys(new StoreSettings { Name = "NAME" }, path + "."));

    private static Setting<StoreSettings, int?> Keep(string period, Func<StoreSettings, int?> get, Func<StoreSettings, int?, StoreSettings> set, string description) =>
        new($"backups.keep_{period}", ValueKinds.OptionalNumber(0, 36500), get, set, description);

    private static bool ReadAddress(ScalarNode node, ConfigurationReader reader, out string value, out string? reason)
    {
        (value, reason) = (string.Empty, null);
        try
        {
            var address = StoreAddress.Parse(node.Text, reader.Folder);
            value = address.UserName is null ? address.Canonical : address.WithUser();
            return true;
        }
        catch (IntegrityException exception)
        {
            reason = $"{exception.Message} {exception.NextStep}";
            return false;
        }
    }
}
