using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>Completes the subjects of known issues that are not resolved, the worst first.</summary>
public sealed class SubjectCompleter : EngineCompleter
{
    /// <inheritdoc/>
    protected override async Task<IEnumerable<(string Text, string Tooltip)>> CandidatesAsync(IntegrityEngine engine) =>
        (await UnresolvedAsync(engine).ConfigureAwait(false))
            .Select(issue => (issue.Subject, $"{Codes.Of(issue.Severity)} {issue.Type}, {Codes.Of(issue.Status)}, {issue.Store}")).DistinctBy(candidate => candidate.Subject);
}
