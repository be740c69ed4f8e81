using IntegrityTools.Model;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>Which summary a scan is to check, and what it counts meanwhile.</summary>
/// <param name="Definition">The summary, installed or not; null: those that are installed.</param>
/// <param name="RedefineView">True when its view is to stand over the table.</param>
internal sealed record SummaryRequest(SummaryDefinition? Definition, bool RedefineView)
{
    /// <summary>What is counted.</summary>
    public SummaryCounts Counts { get; } = new();
}
