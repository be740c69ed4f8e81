using System.Text.Json;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Shows a plan: counts first, then each operation, then the command that follows.</summary>
internal static class PlanOutput
{
    /// <summary>Writes the plan; null when there was nothing to plan.</summary>
    public static void Write(Session session, RepairPlan? plan, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(session.Terminal, writer =>
            {
                if (plan is null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    JsonSerializer.Serialize(writer, plan, ModelJson.Default.RepairPlan);
                }
            });
        }
        else if (plan is not null)
        {
            Head(session.Terminal, plan);
            Summary(session.Terminal, plan);
            foreach (var operation in plan.Operations)
            {
                session.Terminal.Write();
                OperationText.Write(session.Terminal, operation);
            }
        }

        if (plan is null)
        {
            session.Terminal.Note("Nothing to plan: there are no issues.");
        }
        else if (plan.Automatic > 0)
        {
            session.Next($"repair --plan {plan.Id}");
        }
        else
        {
            // Only a document has revisions to choose from; of everything else the operation's reason says what is left to do.
            session.Terminal.Note(plan.Operations.Any(operation => operation is { Precondition: LeafSetPrecondition, Type: not OperationTypes.Review })
                ? "Every operation is left to a person: decide one with --subject ID and --keep-revision REV or --document FILE."
                : "Every operation is left to a person: what to do stands with each.");
        }
    }

    /// <summary>The plan's own line.</summary>
    public static void Head(Terminal terminal, RepairPlan plan)
    {
        var purpose = plan.Undoes is null ? $"strategy {Codes.Of(plan.Strategy)}" : $"undoes {plan.Undoes}";
        terminal.Write($"{terminal.Paint("Plan " + plan.Id, Tone.Strong)}  {purpose}, about {Durations.Of(plan.EstimatedTimeMs)}");
        terminal.Write($"for {TerminalText.Clean(plan.Store)}");
    }

    /// <summary>Counts by type and risk.</summary>
    public static void Summary(Terminal terminal, RepairPlan plan)
    {
        const int typeWidth = 27;
        const int numberWidth = 8;
        var risks = Enum.GetValues<Risk>();
        terminal.Write();
        terminal.Write(terminal.Paint(
            "  " + TerminalText.Pad("OPERATION", typeWidth)
            + string.Concat(risks.Select(risk => Codes.Of(risk).ToUpperInvariant().PadLeft(numberWidth)))
            + "A PERSON".PadLeft(numberWidth + 2) + "TOTAL".PadLeft(numberWidth),
            Tone.Strong));
        foreach (var group in plan.Operations.GroupBy(operation => operation.Type).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            terminal.Write(
                "  " + TerminalText.Pad(group.Key, typeWidth)
                + string.Concat(risks.Select(risk => Number(group.Count(operation => !operation.NeedsReview && operation.Risk == risk), numberWidth)))
                + Number(group.Count(operation => operation.NeedsReview), numberWidth + 2) + Number(group.Count(), numberWidth));
        }
    }

    private static string Number(int count, int width) => (count == 0 ? "-" : Counted.Number(count)).PadLeft(width);
}
