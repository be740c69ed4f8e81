using System.Management.Automation;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>A cmdlet that lists what the ledger has: of a store, or what ids name.</summary>
public abstract class LedgerListCmdlet : EngineCmdlet
{
    /// <summary>A configured name, an address or a path; without it the default store, or all where there is no default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string? Store { get; set; }

    /// <summary>Of all stores, not of the default one only.</summary>
    [Parameter]
    public SwitchParameter AllStores { get; set; }

    /// <summary>True when all stores are meant: since the user says so, or names what is meant by its id.</summary>
    protected bool OfAllStores => AllStores || (Store is null && MyInvocation.BoundParameters.ContainsKey("Id"));
}
