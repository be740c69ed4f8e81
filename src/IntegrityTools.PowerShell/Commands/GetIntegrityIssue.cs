using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Scans stores for faults, which stream as they are found; or reads those of an earlier scan. Writes nothing to a store.</summary>
[Cmdlet(VerbsCommon.Get, "IntegrityIssue", DefaultParameterSetName = StoreSet)]
[OutputType(typeof(IntegrityIssue))]
public sealed class GetIntegrityIssue : ScanCmdlet
{
    /// <summary>Only what was changed since the last scan that ended and looked for at least as much; without one, all.</summary>
    [Parameter(ParameterSetName = StoreSet)]
    public SwitchParameter Incremental { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var fromLedger = ParameterSetName == ScanSet;
        foreach (var place in fromLedger ? Scan : Store ?? [null!])
        {
            Run(async (output, cancellationToken) =>
            {
                var filters = Filters(fromLedger ? null : FullStore(place), output) with { Incremental = Incremental };
                var issues = fromLedger
                    ? Engine.ReadIssuesAsync(place, filters, cancellationToken)
                    : Engine.ScanAsync(filters, cancellationToken);
                await foreach (var issue in issues.WithCancellation(cancellationToken).ConfigureAwait(false))
                {
                    output.Write(issue);
                }
            });
        }
    }
}
