namespace IntegrityTools.PowerShell.Completers;

/// <summary>Completes the names of configured stores.</summary>
public sealed class StoreCompleter : EngineCompleter
{
    /// <inheritdoc/>
    protected override Task<IEnumerable<(string Text, string Tooltip)>> CandidatesAsync(IntegrityEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return Task.FromResult(engine.Stores.List().Select(store => (store.Name ?? store.Address, $"{store.Kind}: {store.Address}")));
    }
}
