using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Tells how well stores are: score, figures, checks, trend, and what would do them good. Scans nothing and writes nothing to a store.</summary>
[Cmdlet(VerbsCommon.Get, "IntegrityHealth")]
[OutputType(typeof(StoreHealth))]
public sealed class GetIntegrityHealth : EngineCmdlet
{
    /// <summary>A configured name, an address or a path; without it the default store.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
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
            Run(async (output, cancellationToken) => output.Write(
                await Engine.Health.MeasureAsync(FullStore(store), Credential.ToStoreCredential(), cancellationToken).ConfigureAwait(false)));
        }
    }
}
