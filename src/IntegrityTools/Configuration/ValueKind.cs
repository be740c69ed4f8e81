namespace IntegrityTools.Configuration;

/// <summary>A kind of value: what it is called, how it is read and written.</summary>
internal abstract class ValueKind<T>
{
    /// <summary>What is expected, in words that complete "Expected …".</summary>
    public abstract string Name { get; }

    /// <summary>Reads a value, or tells the reader why not.</summary>
    public abstract bool TryRead(ConfigurationNode node, string path, ConfigurationReader reader, out T value);

    /// <summary>The value as the file would have it; empty for none.</summary>
    public abstract string Format(T value);

    /// <summary>The keys inside the value, when it is made of records.</summary>
    public virtual IEnumerable<ConfigurationKey> Keys(string path) => [];
}

/// <summary>A single value.</summary>
internal sealed class ScalarKind<T>(string name, ScalarKind<T>.Parser parse, Func<T, string> format, Func<string, string?>? nearest = null)
    : ValueKind<T>
{
    /// <summary>Reads one value; a reason replaces the general words, and is to hold no secret.</summary>
    public delegate bool Parser(ScalarNode node, ConfigurationReader reader, out T value, out string? reason);

    public override string Name => name;

    public override bool TryRead(ConfigurationNode node, string path, ConfigurationReader reader, out T value)
    {
        value = default!;
        string? reason = null;
        if (node is ScalarNode scalar && parse(scalar, reader, out value, out reason))
        {
            return true;
        }

        var found = node switch
        {
            ScalarNode text => text.Plain ? $"'{text.Text}'" : $"the text \"{text.Text}\"",
            ListNode => "a list",
            _ => "a map",
        };
        reader.Fail(node, path, reason ?? $"Expected {name}, found {found}.", node is ScalarNode word ? nearest?.Invoke(word.Text) : null);
        return false;
    }

    public override string Format(T value) => format(value);
}

/// <summary>A list of values.</summary>
/// <param name="item">What each is.</param>
/// <param name="orOne">Whether one alone need not be a list.</param>
internal sealed class ListKind<T>(ValueKind<T> item, bool orOne = false) : ValueKind<IReadOnlyList<T>>
{
    public override string Name => $"a list, each {item.Name}";

    public override bool TryRead(ConfigurationNode node, string path, ConfigurationReader reader, out IReadOnlyList<T> value)
    {
        var read = new List<T>();
        value = read;
        var items = node is ListNode list ? list.Items : orOne ? [node] : null;
        if (items is null)
        {
            var found = node is ScalarNode text ? $"'{text.Text}': write [{text.Text}]" : "a map";
            reader.Fail(node, path, $"Expected {Name}, found {found}.");
            return false;
        }

        for (var index = 0; index < items.Count; index++)
        {
            if (item.TryRead(items[index], $"{path}[{index}]", reader, out var one))
            {
                read.Add(one);
            }
        }

        return read.Count == items.Count;
    }

    public override string Format(IReadOnlyList<T> value) => value.Count == 0 ? "[]" : $"[{string.Join(", ", value.Select(item.Format))}]";

    public override IEnumerable<ConfigurationKey> Keys(string path) => item.Keys(path + "[]");
}

/// <summary>Values under names of one's own.</summary>
internal sealed class MapKind<T>(ValueKind<T> item, StringComparer comparer) : ValueKind<IReadOnlyDictionary<string, T>>
{
    public override string Name => $"a map from names, each to {item.Name}";

    public override bool TryRead(ConfigurationNode node, string path, ConfigurationReader reader, out IReadOnlyDictionary<string, T> value)
    {
        var read = new Dictionary<string, T>(comparer);
        value = read;
        if (node is not MapNode map)
        {
            reader.Fail(node, path, $"Expected {Name}.");
            return false;
        }

        foreach (var (key, entry) in map.Entries)
        {
            if (read.ContainsKey(key.Text))
            {
                reader.Fail(key, $"{path}.{key.Text}", "This name stands twice.");
            }
            else if (item.TryRead(entry, $"{path}.{key.Text}", reader, out var one))
            {
                read.Add(key.Text, one);
            }
        }

        return true;
    }

    public override string Format(IReadOnlyDictionary<string, T> value) => value.Count == 0 ? "{}" : "…";

    public override IEnumerable<ConfigurationKey> Keys(string path) => item.Keys(path + ".NAME");
}
