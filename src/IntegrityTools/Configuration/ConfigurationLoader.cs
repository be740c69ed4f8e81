using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>Reads integrity.yaml. Where there is none, nothing of YAML is loaded.</summary>
public static class ConfigurationLoader
{
    private const string Wrapper = "integrity";

    /// <summary>Finds and reads the configuration; the defaults when there is no file.</summary>
    /// <param name="path">The path given on the command, or null.</param>
    /// <exception cref="ConfigurationException">The file has errors: all of them are in it.</exception>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidConfiguration"/>: a named file is not there or cannot be read.</exception>
    public static IntegrityConfiguration Load(string? path = null) =>
        ConfigurationLocator.Find(path) is { } file ? LoadFile(file) : new IntegrityConfiguration();

    /// <summary>Reads a configuration from text.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="file">The name for messages; relative paths start at its folder.</param>
    /// <exception cref="ConfigurationException">The text has errors: all of them are in it.</exception>
    public static IntegrityConfiguration Parse(string text, string file)
    {
        var path = Path.GetFullPath(file);
        var reader = new ConfigurationReader(Path.GetDirectoryName(path)!);
        var configuration = new IntegrityConfiguration();
        var root = YamlTree.Parse(text, file);
        if (root is MapNode map)
        {
            configuration = reader.Read(configuration, ConfigurationKeys.Table, Unwrap(map));
            CheckTogether(configuration, reader);
        }
        else if (root is not (null or ScalarNode { IsNull: true }))
        {
            reader.Fail(root, string.Empty, "Expected a map of keys.");
        }

        return reader.Errors.Count == 0
            ? configuration with { Path = path, Warnings = WarningsFor(configuration) }
            : throw new ConfigurationException(file, reader.Errors);
    }

    private static IntegrityConfiguration LoadFile(string file)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.InvalidConfiguration,
                $"The configuration cannot be read: {exception.Message}",
                file,
                $"Give yourself the right to read it, or name another with {CommandWords.Option("--config", "-Config")}.",
                exception);
        }

        return Parse(text, file);
    }

    /// <summary>The keys may stand under <c>integrity:</c>, beside it, or without it.</summary>
    private static List<MapEntry> Unwrap(MapNode map) =>
        [.. map.Entries.SelectMany(entry => entry is { Key.Text: Wrapper, Value: MapNode inner } ? inner.Entries : [entry])];

    private static void CheckTogether(IntegrityConfiguration configuration, ConfigurationReader reader)
    {
        if (configuration.Ledger is { KeyFile: not null, KeyEnvironment: not null })
        {
            reader.Fail("ledger.key_environment", "Expected key_file or key_environment, not both.");
        }

        var names = configuration.Stores.Select(store => store.Name).ToList();
        if (configuration.DefaultStore is { } chosen && !names.Contains(chosen, StringComparer.OrdinalIgnoreCase))
        {
            var known = names.Count == 0 ? "there are none" : string.Join(", ", names);
            reader.Fail("default_store", $"Expected the name of a store under stores: {known}.", NearestWord.Of(chosen, names));
        }

        var marked = configuration.Stores.Where(store => store.Default).ToList();
        foreach (var store in marked.Skip(1))
        {
            reader.Fail($"stores.{store.Name}.default", $"Only one store can be the default, and {marked[0].Name} already is.");
        }

        if (marked.Count > 0 && configuration.DefaultStore is { } other && !other.Equals(marked[0].Name, StringComparison.OrdinalIgnoreCase))
        {
            reader.Fail("default_store", $"Only one store can be the default, and {marked[0].Name} is marked as it.");
        }
    }

    private static List<string> WarningsFor(IntegrityConfiguration configuration) =>
        [.. configuration.Stores.Select(store => store.PasswordFile)
            .Append(configuration.Ledger.KeyFile)
            .Distinct()
            .Select(Secrets.WarningFor)
            .OfType<string>()];
}
