using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Tells how well stores are: score, figures, checks, trend, and what would do them good. Scans nothing and writes nothing to a store.</summary>
/// <remarks>
/// Degraded is a score below <c>monitoring.alert_threshold</c> (80), a last whole scan more than a week old, more than 500 waiting issues or 100 duplicates, more than 1 % failed
/// operations, 5 of 100 that took more than a second, a volume over 80 % used, a crashing replication; unhealthy a score below 50, a failed last scan, an open critical issue, more
/// than 10 % failed operations, a volume over 90 % used, a failed replication, and no answer: then there is no score.
/// </remarks>
/// <example><code>Get-IntegrityStore | Get-IntegrityHealth | Where-Object Status -NE Healthy</code>Tells which of the configured stores need somebody.</example>
/// <example><code>(Get-IntegrityHealth wards).Recommendations</code>What would do the store good, with the command for each.</example>
[Cmdlet(VerbsCommon.Get, "IntegrityHealth")]
[OutputType(typeof(StoreHealth))]
public sealed class GetIntegrityHealth : EngineCmdlet
{
    private const string Pipe = " | ";

    /// <summary>A configured name, an address or a path; without it the default store.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string[]? Store { get; set; }

    /// <summary>Name and password for the store.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var store in Store ?? [null!])
        {
            Run(async (output, cancellationToken) =>
            {
                var health = await Engine.Health.MeasureAsync(FullStore(store), Credential.ToStoreCredential(), cancellationToken).ConfigureAwait(false);
                output.Write(health with { Recommendations = [.. health.Recommendations.Select(one => one with { Command = FollowingOf(one.Command) })] });
            });
        }
    }

    // Each cmdlet of a pipeline opens the engine anew; another program's command is as it is.
    private string FollowingOf(string command) =>
        command.StartsWith("sqlite3 ", StringComparison.Ordinal) ? command : string.Join(Pipe, command.Split(Pipe).Select(Following));
}
