using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>Completes the ids of known issues that are not resolved, the worst first.</summary>
public sealed class IssueCompleter : EngineCompleter
{
    private const int Most = 100;
    private static readonly IssueStatus[] Unresolved = [IssueStatus.Open, IssueStatus.Planned, IssueStatus.Reopened, IssueStatus.Ignored];

    /// <inheritdoc/>
    protected override async Task<IEnumerable<(string Text, string Tooltip)>> CandidatesAsync(IntegrityEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var issues = await engine.Issues.ListAsync(new ScanOptions(), Unresolved, CancellationToken.None).Take(Most).ToListAsync().ConfigureAwait(false);
        return issues.Select(issue => (issue.Id, $"{Codes.Of(issue.Severity)} {issue.Type} of {issue.Subject}, {Codes.Of(issue.Status)}, {issue.Store}"));
    }
}
