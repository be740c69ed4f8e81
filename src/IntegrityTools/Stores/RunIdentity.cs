using System.Collections.Concurrent;
using System.Text.Json.Serialization;

namespace IntegrityTools.Stores;

/// <summary>One run of an execution: two runs of the same execution, in one process or in two, are never the same.</summary>
/// <param name="Execution">The execution's id.</param>
/// <param name="Nonce">What makes the run its own.</param>
/// <param name="Process">The process that runs it; null when unknown.</param>
public sealed record RunIdentity(string Execution, string Nonce, ProcessIdentity? Process)
{
    private static readonly ConcurrentDictionary<string, bool> UnderWay = new(StringComparer.Ordinal);

    /// <summary>True when the run provably goes on no more: its process is gone, or is this one and has ended it.</summary>
    [JsonIgnore]
    public bool IsOver => Process is not null && (Process == ProcessIdentity.Current ? !UnderWay.ContainsKey(Nonce) : Process.IsGone());

    /// <summary>Begins a run in this process.</summary>
    public static RunIdentity Begin(string execution)
    {
        var nonce = Guid.NewGuid().ToString("N");
        UnderWay[nonce] = true;
        return new RunIdentity(execution, nonce, ProcessIdentity.Current);
    }

    /// <summary>Ends a run of this process.</summary>
    public void End() => UnderWay.TryRemove(Nonce, out _);
}
