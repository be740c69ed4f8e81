using System.Management.Automation;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Saves whole stores, reads each backup back, and removes expired ones when it is whole. Writes nothing to the stores.</summary>
/// <example><code>Backup-IntegrityStore wards -Destination /backups/wards -KeepDays 30 | Test-IntegrityBackup</code>Saves the store, removes backups older than 30 days once the new one is whole, restores it elsewhere and scans it there.</example>
/// <example><code>Get-IntegrityStore | Backup-IntegrityStore -Incremental</code>Saves of every configured store what was changed since its last backup, into the folder that its configuration names.</example>
[Cmdlet(VerbsData.Backup, "IntegrityStore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BackupManifest))]
public sealed class BackupIntegrityStore : EngineCmdlet
{
    /// <summary>A configured name, an address or a path; without it the default store.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string[]? Store { get; set; }

    /// <summary>The folder; made when it is missing. Without it the one that is configured for the store.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>What is saved: Store, or Configuration (this module's own and the configured files of applications); secrets are encrypted or left out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [CodeArgument<BackupType>]
    [ArgumentCompleter(typeof(CodeCompleter<BackupType>))]
    public string? Type { get; set; }

    /// <summary>Only what changed since the newest good backup of the store in the folder; without one a full backup is made, and once the last full one is as old as KeepDays (KeepDaily, if more).</summary>
    [Parameter]
    public SwitchParameter Incremental { get; set; }

    /// <summary>CouchDB: with <c>_local</c> documents, which hold checkpoints of replications.</summary>
    [Parameter]
    public SwitchParameter IncludeLocal { get; set; }

    /// <summary>CouchDB: does not compress.</summary>
    [Parameter]
    public SwitchParameter NoCompression { get; set; }

    /// <summary>SQLite: a database that fails its check is copied as forensic evidence.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Backups younger than so many days are kept, older ones removed. Without any of the Keep parameters all are kept.</summary>
    [Parameter]
    [ValidateRange(0, 36500)]
    public int? KeepDays { get; set; }

    /// <summary>The newest of each of the last days that have one, so many days, is kept, too.</summary>
    [Parameter]
    [ValidateRange(0, 36500)]
    public int? KeepDaily { get; set; }

    /// <summary>Likewise of the last weeks.</summary>
    [Parameter]
    [ValidateRange(0, 36500)]
    public int? KeepWeekly { get; set; }

    /// <summary>Likewise of the last months.</summary>
    [Parameter]
    [ValidateRange(0, 36500)]
    public int? KeepMonthly { get; set; }

    /// <summary>Name and password for the store.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    private BackupRetention? Retention => BackupRetention.Of(KeepDays, KeepDaily, KeepWeekly, KeepMonthly);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var store in Store ?? [null!])
        {
            Run(async (output, cancellationToken) =>
            {
                var named = FullStore(store);
                var folder = Destination is null ? null : FullPath(Destination);
                var action = $"Back up{(folder is null ? string.Empty : $" to {folder}")}{(Retention is null ? string.Empty : ", and remove expired backups there")}";
                if (!output.Ask(cmdlet => cmdlet.ShouldProcess(named ?? "the default store", action)))
                {
                    return;
                }

                var made = await Engine.Backups.CreateAsync(
                    new BackupOptions
                    {
                        Type = Codes.TryParse<BackupType>(Type, out var type) ? type : BackupType.Store,
                        Store = named,
                        Credential = Credential.ToStoreCredential(),
                        Folder = folder,
                        Incremental = Incremental,
                        IncludeLocal = IncludeLocal,
                        Compress = !NoCompression,
                        Force = Force,
                        Retention = Retention,
                        Progress = output,
                        Removed = expired => output.Tell($"Removed, since expired: {expired.Id} of {expired.CreatedAt:u}."),
                    },
                    cancellationToken).ConfigureAwait(false);
                foreach (var remark in made.Remarks)
                {
                    output.Warn(remark);
                }

                output.Write(made);
            });
        }
    }
}
