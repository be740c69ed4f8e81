using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Lists backups, newest first: those that the ledger knows, or those of a folder.</summary>
/// <example><code>Get-IntegrityBackup -Path /backups/wards</code>Lists the backups of a folder, newest first.</example>
/// <example><code>Get-IntegrityBackup | Select-Object -First 1 | Restore-IntegrityStore -WhatIf</code>Shows what a restore of the newest backup would do.</example>
[Cmdlet(VerbsCommon.Get, "IntegrityBackup")]
[OutputType(typeof(BackupManifest))]
public sealed class GetIntegrityBackup : EngineCmdlet
{
    /// <summary>Backups' ids, with wildcards; without it all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BackupCompleter))]
    [SupportsWildcards]
    public string[] Id { get; set; } = ["*"];

    /// <summary>A folder of backups; without it those that the ledger knows and that are still there.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            Run(async (output, cancellationToken) =>
            {
                var all = await Engine.Backups.ListAsync(Path is null ? null : FullPath(Path), cancellationToken).ConfigureAwait(false);
                var ids = all.Select(backup => backup.Id).Matching(id).ToHashSet(StringComparer.Ordinal);
                if (ids.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(id))
                {
                    throw new IntegrityException(ErrorIds.NotFound, $"There is no backup '{id}'.", id, "List them with Get-IntegrityBackup; -Path names another folder.");
                }

                all.Where(backup => ids.Contains(backup.Id)).ToList().ForEach(output.Write);
            });
        }
    }
}
