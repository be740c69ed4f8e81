using System.Management.Automation;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Restores backups, once every byte of them was checked. What is newer is left alone and listed unless overwriting is asked for.</summary>
[Cmdlet(VerbsData.Restore, "IntegrityStore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RestoreReport))]
public sealed class RestoreIntegrityStore : EngineCmdlet
{
    /// <summary>A backup: the object, its manifest, one of its files, a folder (its newest), or an id that the ledger knows.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ReferenceArgument("BackupManifest.Path")]
    [ArgumentCompleter(typeof(BackupCompleter))]
    public string[] Backup { get; set; } = [];

    /// <summary>The store to restore into; without it the one that was backed up.</summary>
    [Parameter(Position = 1)]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string? Store { get; set; }

    /// <summary>Only these subjects, such as documents' ids.</summary>
    [Parameter]
    public string[] Subject { get; set; } = [];

    /// <summary>Overwrites what is newer than the backup; it is saved first, as a backup of its own.</summary>
    [Parameter]
    public SwitchParameter Overwrite { get; set; }

    /// <summary>Name and password for the store.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Asks nothing, as with <c>-Confirm:$false</c>.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override bool FailureEndsPipeline => true;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var backup in Backup)
        {
            Run(async (output, cancellationToken) =>
            {
                var dryRun = DryRun;
                var options = new RestoreOptions
                {
                    Backup = FullBackup(backup),
                    Store = FullStore(Store),
                    Credential = Credential.ToStoreCredential(),
                    Subjects = Subject,
                    Overwrite = Overwrite,
                    DryRun = dryRun,
                    Progress = output,
                };
                var newest = await Engine.Backups.FindAsync(options.Backup, cancellationToken).ConfigureAwait(false);
                var asked = (!dryRun && Force && !MyInvocation.BoundParameters.ContainsKey("Confirm"))
                    || output.Ask(cmdlet => cmdlet.ShouldProcess(options.Store ?? newest.Store, $"Restore {newest.Id}"));
                if (asked || dryRun)
                {
                    Write(await Engine.Backups.RestoreAsync(options, cancellationToken).ConfigureAwait(false), output);
                }
            });
        }
    }

    private static void Write(RestoreReport report, PipelineOutput output)
    {
        output.Write(report);
        if (report.Newer.Count > 0 && !report.Overwritten)
        {
            output.Warn($"{report.Newer.Count} subjects are newer than the backup and were left alone: see Newer. -Overwrite gives them back as they were, too.");
        }

        if (report.Failed.Count > 0)
        {
            output.Fail(new IntegrityException(
                ErrorIds.OperationFailed, $"{report.Failed.Count} subjects were refused by the store: {report.Failed[0]}", report.Store,
                "See Failed; mend the cause and restore again: what is there already is not written twice."));
        }
    }
}
