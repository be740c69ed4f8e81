using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;
using IntegrityTools.Sqlite.Summaries;

namespace IntegrityTools.PowerShell.Commands;

/// <summary>Holds a summary against its events, row by row and column by column. Writes nothing to the database.</summary>
/// <example><code>Test-IntegritySummary app.db</code>Tells which rows and columns of the installed summaries differ from their events.</example>
[Cmdlet(VerbsDiagnostic.Test, "IntegritySummary")]
[OutputType(typeof(SummaryReport))]
public sealed class TestIntegritySummary : EngineCmdlet
{
    /// <summary>A configured name, an address or a path; without it the default store.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string[]? Store { get; set; }

    /// <summary>A YAML file, or the name of a definition that comes along: healarr; without it the summaries that are installed.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SummaryCompleter))]
    public string? Definition { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var store in Store ?? [null!])
        {
            Run(async (output, cancellationToken) => output.Write(await Engine.Summaries.TestAsync(
                new SummaryOptions { Store = FullStore(store), Definition = SummaryCmdlet.FullDefinition(Definition, FullPath), Progress = output },
                cancellationToken).ConfigureAwait(false)));
        }
    }
}
