using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>
/// Writes documents to a CouchDB database: each is checked by the configured rules first, and when somebody else has written it meanwhile, both
/// edits are merged and written again, so that no update is lost.
/// </summary>
/// <example><code>$document | Save-IntegrityDocument wards -Original $asRead</code>Writes a document; what somebody else has written since it was read is merged with it.</example>
[Cmdlet(VerbsData.Save, "IntegrityDocument", SupportsShouldProcess = true)]
[OutputType(typeof(DocumentSave))]
public sealed class SaveIntegrityDocument : DocumentCmdlet
{
    /// <summary>The document as it was read, before it was edited; without it the server is asked for that revision.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Original { get; set; }

    /// <summary>Writes without holding the document against the configured rules.</summary>
    [Parameter]
    public SwitchParameter SkipCheck { get; set; }

    /// <inheritdoc/>
    protected override bool FailureEndsPipeline => true;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var options = new SaveOptions { Check = !SkipCheck, Original = Original is null ? null : ReadDocument(Original) };
        RunEach(async (writer, document, output, cancellationToken) =>
        {
            var id = await writer.PrepareAsync(document, options, cancellationToken).ConfigureAwait(false);
            if (output.Ask(cmdlet => cmdlet.ShouldProcess($"{id} in {writer.Store}", "Write the document")))
            {
                output.Write(await writer.SavePreparedAsync(document, options, cancellationToken).ConfigureAwait(false));
            }
        });
    }
}
