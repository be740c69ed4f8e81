using IntegrityTools.Model;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>Which summary of which database is meant.</summary>
public sealed record SummaryOptions
{
    /// <summary>A configured name, an address or a path; null: the default store.</summary>
    public string? Store { get; init; }

    /// <summary>The name of a built-in definition (<c>healarr</c>), or the path of a YAML file; null: the summaries that are installed.</summary>
    public string? Definition { get; init; }

    /// <summary>True when the definition's view is to stand over the table.</summary>
    public bool RedefineView { get; init; }

    /// <summary>Told how far it is.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }
}
