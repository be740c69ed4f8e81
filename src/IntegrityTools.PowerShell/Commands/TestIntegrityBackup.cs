using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Checks every byte of backups, restores them elsewhere and scans them there. Damage is told with its place.</summary>
/// <example><code>Get-IntegrityBackup -Path /backups/wards | Test-IntegrityBackup</code>Restores each backup of a folder elsewhere and scans it there.</example>
[Cmdlet(VerbsDiagnostic.Test, "IntegrityBackup")]
[OutputType(typeof(BackupVerification))]
public sealed class TestIntegrityBackup : EngineCmdlet
{
    /// <summary>A backup: the object, its manifest, one of its files, a folder (its newest), or an id that the ledger knows.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ReferenceArgument("BackupManifest.Path")]
    [ArgumentCompleter(typeof(BackupCompleter))]
    public string[] Backup { get; set; } = [];

    /// <summary>CouchDB: restores into a scratch database on this store's server; without it into a scratch file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string? Store { get; set; }

    /// <summary>Name and password for the server.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var backup in Backup)
        {
            Run(async (output, cancellationToken) => output.Write(await Engine.Backups
                .TestAsync(FullBackup(backup), FullStore(Store), Credential.ToStoreCredential(), cancellationToken).ConfigureAwait(false)));
        }
    }
}
