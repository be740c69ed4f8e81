using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>A list of plans.</summary>
internal static class PlanList
{
    public static void Write(Terminal terminal, IReadOnlyList<PlanSummary> plans, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, writer =>
            {
                writer.WriteStartArray();
                foreach (var plan in plans)
                {
                    writer.WriteStartObject();
                    writer.WriteString("id", plan.Id);
                    writer.WriteString("store", plan.Store);
                    writer.WriteString("created_at", plan.CreatedAt);
                    writer.WriteString("strategy", Codes.Of(plan.Strategy));
                    writer.WriteNumber("operations", plan.Operations);
                    writer.WriteNumber("needs_review", plan.NeedsReview);
                    writer.WriteString("highest_risk", Codes.Of(plan.HighestRisk));
                    writer.WriteString("digest", plan.Digest);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            });
            return;
        }

        TextTable.Write(
            terminal,
            ["CREATED (UTC)", "PLAN", "OPERATIONS", "PERSON", "RISK", "STORE"],
            plans.Select(plan => new[]
            {
                Durations.Minute(plan.CreatedAt), plan.Id, Counted.Number(plan.Operations), Counted.Number(plan.NeedsReview),
                Codes.Of(plan.HighestRisk), plan.Store,
            }));
    }
}
