using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Summaries;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>What every check of one scan is given.</summary>
internal sealed record CheckContext
{
    /// <summary>What the scan looks for.</summary>
    public required ScanRequest Request { get; init; }

    /// <summary>The store's address.</summary>
    public required string Store { get; init; }

    /// <summary>The database's files.</summary>
    public required DatabaseFiles Files { get; init; }

    /// <summary>The database's header, as it stands in the file.</summary>
    public required DatabaseHeader Header { get; init; }

    /// <summary>Bounds and wishes.</summary>
    public required SqliteSettings Settings { get; init; }

    /// <summary>How the application opens the database; null when it is not configured.</summary>
    public string? Connection { get; init; }

    /// <summary>The summary to check; null: those that are installed.</summary>
    public SummaryRequest? Summary { get; init; }

    /// <summary>Cancels.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>True when one of these types is looked for.</summary>
    public bool Wants(params ReadOnlySpan<string> types)
    {
        foreach (var type in types)
        {
            if (Request.Types.Contains(type))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Makes an issue.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="severity">How much it matters.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="message">One sentence, or two.</param>
    /// <param name="evidence">What was seen.</param>
    /// <param name="table">The table that it belongs to, by which scans are filtered as by a document's type.</param>
    /// <param name="repairable">True when a repair discards nothing.</param>
    /// <param name="key">What tells it from others of its type and subject.</param>
    public IntegrityIssue Issue(
        string type, Severity severity, string subject, string message, IssueEvidence evidence, string? table = null, bool repairable = false, string key = "") =>
        Request.Issue(Store, type, severity, subject, key, message, evidence) with { DocumentType = table, CanAutoResolve = repairable };
}
