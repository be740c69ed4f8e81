using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>Completes the leaves that conflicts leave to choose from; the tooltip has the document.</summary>
public sealed class RevisionCompleter : EngineCompleter
{
    /// <inheritdoc/>
    protected override async Task<IEnumerable<(string Text, string Tooltip)>> CandidatesAsync(IntegrityEngine engine) =>
        (await UnresolvedAsync(engine).ConfigureAwait(false))
            .SelectMany(issue => issue.Evidence is ConflictEvidence conflict ? conflict.Leaves.Select(leaf => (leaf.Revision, $"{issue.Subject}{Described(leaf)}")) : [])
            .DistinctBy(candidate => candidate.Revision);

    private static string Described(LeafEvidence leaf) => leaf.Deleted ? ", deleted"
        : leaf.ChangedFields.Count == 0 ? ", what is read now" : $", differs in {string.Join(", ", leaf.ChangedFields)}";
}
