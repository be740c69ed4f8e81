using System.CommandLine;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Hosting;

/// <summary>The options that say how a plan is made.</summary>
internal sealed class PlanningOptions
{
    private readonly Option<Strategy?> strategy = Choices.Strategy();
    private readonly Option<Risk?> maximumRisk = Choices.MaximumRisk();
    private readonly Option<Severity?> maximumSeverity = Choices.MaximumSeverity();

    public void AddTo(Command command)
    {
        command.Add(strategy);
        command.Add(maximumRisk);
        command.Add(maximumSeverity);
    }

    public PlanOptions Read(ParseResult result) => new()
    {
        Strategy = result.GetValue(strategy),
        MaximumRisk = result.GetValue(maximumRisk),
        MaximumSeverity = result.GetValue(maximumSeverity),
    };
}
