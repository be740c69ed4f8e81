namespace IntegrityTools.Model;

/// <summary>What a scan looked for and where. Of what lies outside it says nothing.</summary>
public sealed record ScanScope
{
    /// <summary>The codes of the types that were asked for and that this kind of store can have, in the order of the alphabet.</summary>
    public IReadOnlyList<string> Types { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Issues below it are left out.</summary>
    public Severity MinimumSeverity { get; init; } = Severity.Info;

    /// <summary>Only documents of these types; empty: all.</summary>
    public IReadOnlyList<string> DocumentTypes { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Only these subjects; empty: all.</summary>
    public IReadOnlyList<string> Subjects { get; init => field = Indexable.Of(value); } = [];

    /// <summary>Only this partition; null: all.</summary>
    public string? Partition { get; init; }

    /// <summary>True when it is about the whole store and not about a selection of it.</summary>
    public bool IsWhole => DocumentTypes.Count == 0 && Subjects.Count == 0 && Partition is null;

    /// <summary>True when a scan of this scope has looked for all that one of the other looks for.</summary>
    public bool Covers(ScanScope other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsWhole && MinimumSeverity <= other.MinimumSeverity && other.Types.All(type => Types.Contains(type, StringComparer.Ordinal));
    }
}
