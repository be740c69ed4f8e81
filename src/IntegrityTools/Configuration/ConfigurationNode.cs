namespace IntegrityTools.Configuration;

/// <summary>A value of a configuration file with its place: what is read does not know which parser read it.</summary>
internal abstract record ConfigurationNode(int Line, int Column);

/// <summary>A single value; <paramref name="Plain"/>: without quotes.</summary>
internal sealed record ScalarNode(int Line, int Column, string Text, bool Plain) : ConfigurationNode(Line, Column)
{
    /// <summary>True for a key that is there with nothing behind it: the default stands.</summary>
    public bool IsNull => Plain && Text is ("" or "~" or "null");
}

/// <summary>A list.</summary>
internal sealed record ListNode(int Line, int Column, IReadOnlyList<ConfigurationNode> Items) : ConfigurationNode(Line, Column);

/// <summary>Keys with values, in the file's order; a key that stands twice is here twice.</summary>
internal sealed record MapNode(int Line, int Column, IReadOnlyList<MapEntry> Entries) : ConfigurationNode(Line, Column);

/// <summary>One key with its value.</summary>
internal sealed record MapEntry(ScalarNode Key, ConfigurationNode Value);
