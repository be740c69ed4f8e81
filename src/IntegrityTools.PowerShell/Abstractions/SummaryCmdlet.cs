using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Arguments;
using IntegrityTools.PowerShell.Completers;
using IntegrityTools.Sqlite.Summaries;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>A cmdlet that writes a summary: plans it, and runs the plan.</summary>
public abstract class SummaryCmdlet : RepairCmdlet
{
    /// <summary>A configured name, an address or a path; without it the default store.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [StoreArgument]
    [ArgumentCompleter(typeof(StoreCompleter))]
    public string[]? Store { get; set; }

    /// <summary>What the command is about, beyond the store.</summary>
    protected abstract SummaryOptions Options();

    /// <summary>What has to be done; null when nothing has.</summary>
    protected abstract Task<RepairPlan?> PlanAsync(SummaryOptions options, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var store in Store ?? [null!])
        {
            Run(async (output, cancellationToken) =>
            {
                var options = Options() with { Store = FullStore(store), Progress = output };
                if (await PlanAsync(options, cancellationToken).ConfigureAwait(false) is { } plan)
                {
                    await RepairAsync(plan, output, cancellationToken).ConfigureAwait(false);
                }
            });
        }
    }

    /// <summary>The name of a built-in definition as it is; a path made full.</summary>
    internal static string? FullDefinition(string? definition, Func<string, string> fullPath) =>
        definition is null || BuiltInSummaries.Names.Contains(definition, StringComparer.Ordinal) ? definition : fullPath(definition);
}
