using System.Management.Automation;
using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Salvage;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>
/// Restores backups, once every byte of them was checked: what is newer is left alone and listed unless overwriting is asked for. With -Salvage it
/// reads a damaged SQLite database without SQLite and writes what is left of it to a new one.
/// </summary>
/// <example><code>Get-IntegrityBackup -Path /backups/wards | Select-Object -First 1 | Restore-IntegrityStore -Store couchdb://localhost:5984/wards_restored</code>Restores the newest backup under another name.</example>
/// <example><code>Restore-IntegrityStore -Salvage app.db salvaged.db</code>Reads a damaged SQLite file without SQLite and writes what is left of it to a new one.</example>
[Cmdlet(VerbsData.Restore, "IntegrityStore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = BackupSet)]
[OutputType(typeof(RestoreReport), ParameterSetName = [BackupSet])]
[OutputType(typeof(SalvageReport), ParameterSetName = [SalvageSet])]
public sealed class RestoreIntegrityStore : EngineCmdlet
{
    private const string BackupSet = "Backup";
    private const string SalvageSet = "Salvage";
    private RepairExecution? execution;

    /// <summary>A backup: the object, its manifest, one of its files, a folder (its newest), or an id that the ledger knows.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = BackupSet)]
    [ReferenceArgument("BackupManifest.Path")]
    [ArgumentCompleter(typeof(BackupCompleter))]
    public string[] Backup { get; set; } = [];

    /// <summary>The store to restore into; without it the one that was backed up.</summary>
    [Parameter(Position = 1, ParameterSetName = BackupSet)]
    [ValidateNotNullOrEmpty]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string? Store { get; set; }

    /// <summary>Only these subjects, such as documents' ids.</summary>
    [Parameter(ParameterSetName = BackupSet)]
    [ValidateNotNullOrEmpty]
    public string[] Subject { get; set; } = [];

    /// <summary>Overwrites what is newer than the backup; it is saved first, as a backup of its own.</summary>
    [Parameter(ParameterSetName = BackupSet)]
    public SwitchParameter Overwrite { get; set; }

    /// <summary>Restores the rest of another program's dump of which some lines cannot be read; they are listed.</summary>
    [Parameter(ParameterSetName = BackupSet)]
    public SwitchParameter SkipDamaged { get; set; }

    /// <summary>Of SQLite on Linux: replaces a file that another process has open; what that one writes from then on is lost.</summary>
    [Parameter(ParameterSetName = BackupSet)]
    public SwitchParameter WhileOpen { get; set; }

    /// <summary>Name and password for the store.</summary>
    [Parameter(ParameterSetName = BackupSet)]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Gives back what is left of a damaged file, rather than a backup.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SalvageSet)]
    public SwitchParameter Salvage { get; set; }

    /// <summary>The damaged database; it is only read.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, ParameterSetName = SalvageSet)]
    [Alias("FullName")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>The new database.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = SalvageSet)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>SQL, a sound database or a backup, for tables whose definition is lost.</summary>
    [Parameter(ParameterSetName = SalvageSet)]
    [ValidateNotNullOrEmpty]
    public string? Schema { get; set; }

    /// <summary>What of a -wal beside the file counts.</summary>
    [Parameter(ParameterSetName = SalvageSet)]
    [ValidateNotNullOrEmpty]
    [CodeArgument<LogUse>]
    [ArgumentCompleter(typeof(CodeCompleter<LogUse>))]
    public string? Wal { get; set; }

    /// <summary>What of a rollback journal beside the file counts; without it nothing of one that may be another database's.</summary>
    [Parameter(ParameterSetName = SalvageSet)]
    [ValidateNotNullOrEmpty]
    [CodeArgument<LogUse>]
    [ArgumentCompleter(typeof(CodeCompleter<LogUse>))]
    public string? Journal { get; set; }

    /// <summary>Puts deleted rows that are still there into a table of their own.</summary>
    [Parameter(ParameterSetName = SalvageSet)]
    public SwitchParameter Deleted { get; set; }

    /// <summary>Of a restore: asks nothing, as with <c>-Confirm:$false</c>. Of a salvage: writes over a new database that exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override bool FailureEndsPipeline => true;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Salvage)
        {
            SalvageFile(FullPath(Path), FullPath(Destination));
            return;
        }

        foreach (var backup in Backup)
        {
            RestoreBackup(backup);
        }
    }

    /// <inheritdoc/>
    protected override void Interrupted()
    {
        if (execution is { Status: ExecutionStatus.Stopped or ExecutionStatus.Running })
        {
            WarnAlways($"The restore was stopped. Go on with: {Following($"Resume-RepairExecution {execution.Id}")}");
        }
    }

    private void RestoreBackup(string backup) => Run(async (output, cancellationToken) =>
    {
        var dryRun = DryRun;
        var options = new RestoreOptions
        {
            Backup = FullBackup(backup),
            Store = FullStore(Store),
            Credential = Credential.ToStoreCredential(),
            Subjects = Subject,
            Overwrite = Overwrite,
            SkipDamaged = SkipDamaged,
            WhileOpen = WhileOpen,
            DryRun = dryRun,
            ExecutionChanged = changed => execution = changed,
            Progress = output,
        };
        var newest = await Engine.Backups.FindAsync(options.Backup, options.Store, cancellationToken).ConfigureAwait(false);
        var asked = (!dryRun && Force && !MyInvocation.BoundParameters.ContainsKey("Confirm"))
            || output.Ask(cmdlet => cmdlet.ShouldProcess(options.Store ?? newest.Store, $"Restore {newest.Id}"));
        if (asked || dryRun)
        {
            Write(await Engine.Backups.RestoreAsync(options, cancellationToken).ConfigureAwait(false), output);
        }
    });

    private void SalvageFile(string path, string destination)
    {
        // A new file takes nothing from anybody: it is asked about only where the user wants to be asked.
        if ((DryRun || MyInvocation.BoundParameters.ContainsKey("Confirm")) && !ShouldProcess(destination, $"Salvage '{path}' into a new database"))
        {
            return;
        }

        Run(async (output, cancellationToken) =>
        {
            var report = await Engine.SalvageAsync(
                new SalvageOptions
                {
                    Path = path,
                    Destination = destination,
                    SchemaPath = Schema is null ? null : FullBackup(Schema),
                    Wal = Codes.TryParse<LogUse>(Wal, out var use) ? use : LogUse.Committed,
                    Journal = Codes.TryParse<LogUse>(Journal, out var give) ? give : LogUse.Committed,
                    Deleted = Deleted,
                    Overwrite = Force,
                    Progress = output,
                },
                cancellationToken).ConfigureAwait(false);
            foreach (var note in report.Notes)
            {
                output.Warn(note);
            }

            output.Write(report);
        });
    }

    private void Write(RestoreReport report, PipelineOutput output)
    {
        output.Write(report);
        foreach (var remark in report.Remarks)
        {
            output.Warn(remark);
        }

        if (report.Newer.Count > 0 && !report.Overwritten)
        {
            output.Warn($"Left alone, since newer than the backup or other: {Counted.Of(report.Newer.Count, "subject")}, see Newer. -Overwrite restores that, too; what stands there is saved first.");
        }

        if (report.IsLeftAlone)
        {
            output.Fail(new IntegrityException(
                ErrorIds.OperationFailed, $"Nothing was restored, since others changed it meanwhile: {Counted.Of(report.Changed.Count, "subject")}, the first is {report.Changed[0]}", report.Store,
                "Restore again, which takes it as it is now."));
        }
        else if (report.Changed.Count > 0)
        {
            output.Warn($"Left alone, since others changed it meanwhile: {Counted.Of(report.Changed.Count, "subject")}: see Changed. A new restore takes it as it is now.");
        }

        if (report.Failed.Count > 0)
        {
            output.Fail(new IntegrityException(
                ErrorIds.OperationFailed, $"Not written, or only in part: {Counted.Of(report.Failed.Count, "subject")}, the first is {report.Failed[0]}", report.Store,
                report.ExecutionId is null ? "See Failed." : $"See Failed; mend the cause, then: {Following($"Resume-RepairExecution {report.ExecutionId}")}"));
        }
    }
}
