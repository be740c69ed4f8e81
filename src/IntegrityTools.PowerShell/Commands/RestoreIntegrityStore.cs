using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Salvage;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Salvages a damaged SQLite database: reads it without SQLite and writes what is left of it to a new one.</summary>
[Cmdlet(VerbsData.Restore, "IntegrityStore", SupportsShouldProcess = true)]
[OutputType(typeof(SalvageReport))]
public sealed class RestoreIntegrityStore : EngineCmdlet
{
    private const string SalvageSet = "Salvage";

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

    /// <summary>SQL, or a sound database, for tables whose definition is lost.</summary>
    [Parameter(ParameterSetName = SalvageSet)]
    public string? Schema { get; set; }

    /// <summary>What of a -wal beside the file counts.</summary>
    [Parameter(ParameterSetName = SalvageSet)]
    [CodeArgument<WalUse>]
    [ArgumentCompleter(typeof(CodeCompleter<WalUse>))]
    public string? Wal { get; set; }

    /// <summary>Puts deleted rows that are still there into a table of their own.</summary>
    [Parameter(ParameterSetName = SalvageSet)]
    public SwitchParameter Deleted { get; set; }

    /// <summary>Writes over a new database that exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override bool FailureEndsPipeline => true;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (path, destination) = (FullPath(Path), FullPath(Destination));
        if (!ShouldProcess(destination, $"Salvage '{path}' into a new database"))
        {
            return;
        }

        Run((output, cancellationToken) =>
        {
            var report = Salvager.Run(
                new SalvageOptions
                {
                    Path = path,
                    Destination = destination,
                    SchemaPath = Schema is null ? null : FullPath(Schema),
                    Wal = Codes.TryParse<WalUse>(Wal, out var use) ? use : WalUse.Committed,
                    Deleted = Deleted,
                    Overwrite = Force,
                    Progress = output,
                },
                cancellationToken);
            foreach (var note in report.Notes)
            {
                output.Warn(note);
            }

            output.Write(report);
            return Task.CompletedTask;
        });
    }
}
