namespace IntegrityTools.Configuration;

/// <summary>Walks a file's tree along a table of settings and collects every error on the way.</summary>
internal sealed class ConfigurationReader(string folder)
{
    private readonly Dictionary<string, ConfigurationNode> places = [];
    private readonly List<ConfigurationError> errors = [];

    /// <summary>The folder at which the file's relative paths start.</summary>
    public string Folder { get; } = folder;

    /// <summary>What was refused, in the file's order.</summary>
    public IReadOnlyList<ConfigurationError> Errors =>
        [.. errors.OrderBy(error => error.Line).ThenBy(error => error.Column)];

    public void Fail(ConfigurationNode node, string path, string message, string? suggestion = null) =>
        errors.Add(new ConfigurationError(path, node.Line, node.Column, message, suggestion));

    /// <summary>Refuses a value that was read before and proved wrong beside others.</summary>
    public void Fail(string path, string message, string? suggestion = null) => Fail(places[path], path, message, suggestion);

    /// <summary>Whether a value was given at this path.</summary>
    public bool Has(string path) => places.ContainsKey(path);

    /// <summary>Fills a record from a map.</summary>
    /// <param name="target">The record with its defaults.</param>
    /// <param name="table">The settings that it knows.</param>
    /// <param name="entries">The map.</param>
    /// <param name="prefix">The path of the record in the file, with a dot at its end unless empty.</param>
    /// <param name="section">The section of the table that the map is, with a dot at its end unless empty.</param>
    public T Read<T>(T target, IReadOnlyList<Setting<T>> table, IReadOnlyList<MapEntry> entries, string prefix = "", string section = "")
    {
        var seen = new HashSet<string>();
        foreach (var (key, value) in entries)
        {
            var name = section + key.Text;
            var path = prefix + name;
            if (!seen.Add(key.Text))
            {
                Fail(key, path, "This key stands twice.");
            }
            else if (table.FirstOrDefault(setting => setting.Name == name) is { } known)
            {
                places[path] = value;
                target = value is ScalarNode { IsNull: true } ? target : known.Read(target, value, path, this);
            }
            else if (!table.Any(setting => setting.Name.StartsWith(name + ".", StringComparison.Ordinal)))
            {
                Refuse(table, key, path, section);
            }
            else if (value is MapNode map)
            {
                target = Read(target, table, map.Entries, prefix, name + ".");
            }
            else if (value is not ScalarNode { IsNull: true })
            {
                Fail(value, path, "Expected a map of keys.");
            }
        }

        return target;
    }

    private void Refuse<T>(IReadOnlyList<Setting<T>> table, ScalarNode key, string path, string section)
    {
        if (key.Text is "password" or "pass" or "secret" or "key" or "token")
        {
            Fail(key, path, "A secret does not stand in this file: write it into a file of its own or an environment variable, "
                + "and name that with password_file or password_environment (for the ledger: key_file or key_environment).");
            return;
        }

        var siblings = table.Where(setting => setting.Name.StartsWith(section, StringComparison.Ordinal))
            .Select(setting => setting.Name[section.Length..].Split('.')[0])
            .Distinct()
            .ToList();
        var elsewhere = table.FirstOrDefault(setting => setting.Name.EndsWith("." + key.Text, StringComparison.Ordinal))?.Name;
        var nearest = NearestWord.Of(key.Text, siblings) ?? elsewhere;
        Fail(key, path, $"Unknown key; expected one of: {string.Join(", ", siblings)}.", nearest);
    }
}
