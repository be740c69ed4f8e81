using System.Management.Automation;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;
using IntegrityTools.Stores;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Lists the configured stores, or tells how a name, an address or a path is understood.</summary>
/// <example><code>Get-IntegrityStore</code>Lists the stores that the configuration names.</example>
/// <example><code>Get-IntegrityStore app.db</code>Tells how a path is understood.</example>
[Cmdlet(VerbsCommon.Get, "IntegrityStore")]
[OutputType(typeof(StoreDescriptor))]
public sealed class GetIntegrityStore : EngineCmdlet
{
    /// <summary>A configured name (with wildcards), an address or a path; without it all configured stores.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    [SupportsWildcards]
    public string[]? Store { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var store in Store ?? ["*"])
        {
            Run((output, _) =>
            {
                if (WildcardPattern.ContainsWildcardCharacters(store))
                {
                    var names = new WildcardPattern(store, WildcardOptions.IgnoreCase);
                    Engine.Stores.List().Where(known => names.IsMatch(known.Name)).ToList().ForEach(output.Write);
                }
                else
                {
                    output.Write(Engine.Stores.Resolve(FullStore(store)).Descriptor);
                }

                return Task.CompletedTask;
            });
        }
    }
}
