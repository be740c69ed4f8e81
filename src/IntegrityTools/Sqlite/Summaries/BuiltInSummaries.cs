using System.Reflection;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>The definitions that come along.</summary>
public static class BuiltInSummaries
{
    private const string Folder = "summaries/";
    private const string Ending = ".yaml";

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(IsDefinition).Select(name => name[Folder.Length..^Ending.Length]).Order(StringComparer.Ordinal)];

    /// <summary>The YAML of one; null when there is none of that name.</summary>
    public static string? Find(string name)
    {
        using var stream = Names.Contains(name, StringComparer.Ordinal) ? Assembly.GetExecutingAssembly().GetManifestResourceStream(Folder + name + Ending) : null;
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static bool IsDefinition(string name) => name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal);
}
