using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>Completes the ids of known issues that are not resolved, the worst first.</summary>
public sealed class IssueCompleter : EngineCompleter
{
    /// <inheritdoc/>
    protected override async Task<IEnumerable<(string Text, string Tooltip)>> CandidatesAsync(IntegrityEngine engine) =>
        (await UnresolvedAsync(engine).ConfigureAwait(false))
            .Select(issue => (issue.Id, $"{Codes.Of(issue.Severity)} {issue.Type} of {issue.Subject}, {Codes.Of(issue.Status)}, {issue.Store}"));
}
