using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>Completes the ids of backups that the ledger knows and that are still there, newest first.</summary>
public sealed class BackupCompleter : EngineCompleter
{
    /// <inheritdoc/>
    protected override async Task<IEnumerable<(string Text, string Tooltip)>> CandidatesAsync(IntegrityEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var backups = await engine.Backups.ListAsync(null, CancellationToken.None).ConfigureAwait(false);
        return backups.Select(backup => (backup.Id, $"{At(backup.CreatedAt)}  {Codes.Of(backup.Mode)}  {backup.Store}"));
    }
}
