using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Holds documents against the configured rules before they are written: what a scan would find of them once they were. Nothing is written.</summary>
/// <example><code>$document | Test-IntegrityDocument wards</code>What a scan would find of the document once it was written; nothing is.</example>
[Cmdlet(VerbsDiagnostic.Test, "IntegrityDocument")]
[OutputType(typeof(IntegrityIssue))]
public sealed class TestIntegrityDocument : DocumentCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => RunEach(async (writer, document, output, cancellationToken) =>
    {
        foreach (var issue in await writer.CheckAsync(document, cancellationToken).ConfigureAwait(false))
        {
            output.Write(issue);
        }
    });
}
