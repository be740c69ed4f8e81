using System.Management.Automation;
using IntegrityTools.Ledger;
using IntegrityTools.PowerShell.Abstractions;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Checks the ledger's chain from its first event to its last; a changed, removed or inserted event is named by its number.</summary>
/// <example><code>Test-IntegrityAudit</code>Checks the ledger's chain from its first event to its last.</example>
[Cmdlet(VerbsDiagnostic.Test, "IntegrityAudit")]
[OutputType(typeof(LedgerVerification))]
public sealed class TestIntegrityAudit : EngineCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (output, cancellationToken) =>
    {
        var ledger = await Engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        output.Write(await ledger.VerifyAsync(cancellationToken).ConfigureAwait(false));
    });
}
