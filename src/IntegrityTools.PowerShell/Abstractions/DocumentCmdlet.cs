using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>A cmdlet for single documents of a CouchDB database.</summary>
public abstract class DocumentCmdlet : EngineCmdlet
{
    /// <summary>The database: a configured name or an address; without it the default store.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string? Store { get; set; }

    /// <summary>
    /// Whole documents with their _id, as JSON text, whose every byte stays, or as objects. PowerShell turns texts that are dates into moments: one that nobody edited
    /// is written as it was read while the server still has that revision. To be sure of every text read with ConvertFrom-Json -DateKind String.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public object[] Document { get; set; } = [];

    /// <summary>Name and password for the server.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Runs work for each document; objects become JSON on the pipeline's thread, where PowerShell may be asked.</summary>
    /// <param name="work">The work.</param>
    /// <param name="asRead">The revision that was edited, as text; null when only the server has it.</param>
    protected void RunEach(Func<DocumentWriter, RawJson, PipelineOutput, CancellationToken, Task> work, RawJson? asRead = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        foreach (var document in Document)
        {
            var json = ReadDocument(document);
            Run(async (output, cancellationToken) =>
            {
                await using var writer = DocumentWriter.Open(Engine, FullStore(Store), Credential.ToStoreCredential());
                var given = DocumentText.IsObject(document) ? await writer.KeepDatesAsync(json, asRead, cancellationToken).ConfigureAwait(false) : json;
                await work(writer, given, output, cancellationToken).ConfigureAwait(false);
            });
        }
    }

    /// <summary>A document's JSON; what is none ends the pipeline.</summary>
    protected RawJson ReadDocument(object document)
    {
        try
        {
            return DocumentText.Of(document, InvokeCommand);
        }
        catch (IntegrityException failure)
        {
            ThrowTerminatingError(failure.ToErrorRecord());
            throw;
        }
    }
}
