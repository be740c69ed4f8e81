using System.CommandLine;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Hosting;

/// <summary>The options that say how a plan is made.</summary>
internal sealed class PlanningOptions
{
    private readonly Option<string?> scan = new("--scan") { Description = "Plan for the issues of this scan instead of scanning again", HelpName = "ID" };
    private readonly Option<Strategy?> strategy = Choices.Strategy();
    private readonly Option<Risk?> maximumRisk = Choices.MaximumRisk();
    private readonly Option<string?> backup = new("--backup") { Description = "A backup from which rows that are gone may come back", HelpName = "BACKUP" };
    private readonly Option<Severity?> maximumSeverity = Choices.MaximumSeverity();

    /// <summary>Adds the options to a verb, which scans the store unless an earlier scan is named.</summary>
    public void AddTo(Command command, Argument<string?> store)
    {
        command.Add(scan);
        command.Validators.Add(given =>
        {
            if (given.GetResult(scan) is not null && given.GetValue(store) is not null)
            {
                given.AddError("Name a STORE to scan it now, or --scan ID for the issues of an earlier scan, not both.");
            }
        });
        command.Add(strategy);
        command.Add(maximumRisk);
        command.Add(maximumSeverity);
        command.Add(backup);
    }

    public PlanOptions Read(ParseResult result) => new()
    {
        ScanId = result.GetValue(scan),
        Strategy = result.GetValue(strategy),
        MaximumRisk = result.GetValue(maximumRisk),
        MaximumSeverity = result.GetValue(maximumSeverity),
        Backup = result.GetValue(backup),
    };
}
