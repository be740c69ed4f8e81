namespace IntegrityTools.Configuration;

/// <summary>One row of a table of keys: the key, what it means, and how it becomes part of a record.</summary>
internal abstract class Setting<T>(string name, string description)
{
    /// <summary>The key's path below the record, with dots.</summary>
    public string Name { get; } = name;

    public string Description { get; } = description;

    public abstract string Type { get; }

    /// <summary>The keys below this one, when its value is made of records.</summary>
    public abstract IEnumerable<ConfigurationKey> Keys(T defaults, string prefix);

    public abstract T Read(T target, ConfigurationNode node, string path, ConfigurationReader reader);
}

/// <summary>A row for a value of one type.</summary>
internal sealed class Setting<T, TValue>(
    string name, ValueKind<TValue> kind, Func<T, TValue> get, Func<T, TValue, T> set, string description)
    : Setting<T>(name, description)
{
    public override string Type => kind.Name;

    public override IEnumerable<ConfigurationKey> Keys(T defaults, string prefix) =>
        kind.Keys(prefix + Name).Prepend(new ConfigurationKey(prefix + Name, kind.Name, kind.Format(get(defaults)), Description));

    public override T Read(T target, ConfigurationNode node, string path, ConfigurationReader reader) =>
        kind.TryRead(node, path, reader, out var value) ? set(target, value) : target;
}
