using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>
/// Writes documents to a CouchDB database: each is checked by the configured rules first, and when somebody else has written it meanwhile, both
/// edits are merged and written again, so that no update is lost. A document that is refused is an error, and the others of the pipeline are written
/// all the same; with -ErrorAction Stop it ends there.
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
    protected override bool EndsPipeline(IntegrityException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure.ErrorId is not (ErrorIds.DocumentRefused or ErrorIds.DocumentConflict);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var original = Original is null ? default(RawJson?) : ReadDocument(Original);
        var asRead = Original is null || DocumentText.IsObject(Original) ? null : original;
        RunEach(
            async (writer, document, output, cancellationToken) =>
            {
                var before = asRead ?? (original is { } read ? await writer.KeepDatesAsync(read, null, cancellationToken).ConfigureAwait(false) : null);
                var options = new SaveOptions { Check = !SkipCheck, Original = before };
                var id = await writer.PrepareAsync(document, options, cancellationToken).ConfigureAwait(false);
                if (output.Ask(cmdlet => cmdlet.ShouldProcess($"{id} in {writer.Store}", "Write the document")))
                {
                    output.Write(await writer.SavePreparedAsync(document, options, cancellationToken).ConfigureAwait(false));
                }
            },
            asRead);
    }
}
