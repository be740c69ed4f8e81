using System.Text.Json;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Writes what became of each operation, then the counts and what to do next.</summary>
/// <param name="session">The session.</param>
/// <param name="format">The form of the output.</param>
/// <param name="plan">The plan that runs.</param>
/// <param name="dryRun">True when nothing is written.</param>
/// <param name="command">The command that does what a dry run shows, without the program's name and <c>--confirm</c>.</param>
internal sealed class ResultOutput(Session session, OutputFormat format, RepairPlan plan, bool dryRun, string command) : IDisposable
{
    private readonly Terminal terminal = session.Terminal;
    private readonly SortedDictionary<OperationOutcome, int> outcomes = [];
    private readonly List<RepairResult> kept = [];
    private readonly Utf8JsonWriter? lines = format == OutputFormat.Jsonl ? JsonOutput.Lines(session.Terminal) : null;

    /// <summary>How many had an outcome.</summary>
    public int Count(OperationOutcome outcome) => outcomes.GetValueOrDefault(outcome);

    /// <summary>True when something was left as it is that was to be changed: it had been changed meanwhile. A repair's plan leaves things to a person, an undo's does not.</summary>
    public bool LeftAlone => Count(OperationOutcome.Stale) + (plan.Undoes is null ? 0 : Count(OperationOutcome.NeedsReview)) > 0;

    /// <summary>True when all that was to be done had been changed since it was planned, so that nothing was.</summary>
    private bool AllStale => Count(OperationOutcome.Stale) > 0 && outcomes.Keys.All(outcome => outcome is OperationOutcome.Stale or OperationOutcome.NeedsReview);

    /// <summary>Writes that there was nothing to do, in the form of a run's results.</summary>
    public static void WriteNothing(Session session, OutputFormat format, bool dryRun)
    {
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(session.Terminal, writer =>
            {
                writer.WriteStartObject();
                writer.WriteBoolean("dry_run", dryRun);
                JsonOutput.Counts(writer, "outcomes", []);
                writer.WriteStartArray("results");
                writer.WriteEndArray();
                writer.WriteEndObject();
            });
        }

        session.Terminal.Note("Nothing to plan: there are no issues.");
    }

    /// <summary>Writes a result.</summary>
    public void Write(RepairResult result)
    {
        outcomes[result.Outcome] = Count(result.Outcome) + 1;
        if (lines is not null)
        {
            JsonOutput.Line(terminal, lines, result, ModelJson.Default.RepairResult);
        }
        else if (format == OutputFormat.Json)
        {
            kept.Add(result);
        }
        else if (dryRun || session.Verbose || result.Message is not null || result.Outcome is not (OperationOutcome.Applied or OperationOutcome.AlreadyApplied))
        {
            Show(result);
        }
    }

    /// <summary>Writes the counts, and on standard error what follows.</summary>
    public void End(RepairExecution? execution)
    {
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, writer => WriteDocument(writer, execution));
        }

        var counts = string.Join(", ", outcomes.Select(pair => $"{Counted.Number(pair.Value)} {Codes.Of(pair.Key)}"));
        terminal.Note($"{(dryRun ? "Dry run, nothing was changed" : execution?.Id)}: {(counts.Length == 0 ? "no operations" : counts)}.");
        Follow(execution);
    }

    public void Dispose() => lines?.Dispose();

    /// <summary>Shows one result with its differences of fields.</summary>
    public void Show(RepairResult result)
    {
        var tone = result.Outcome switch
        {
            OperationOutcome.Applied or OperationOutcome.AlreadyApplied or OperationOutcome.WouldApply => Tone.Good,
            OperationOutcome.Failed => Tone.Bad,
            _ => Tone.Warning,
        };
        var outcome = terminal.Paint(Codes.Of(result.Outcome), tone);
        OperationText.Head(terminal, result.Number, result.Subject, $"{result.Type}, {OperationText.Risks(terminal, result.Risk)}, {outcome}");
        if (result.Message is { } message)
        {
            OperationText.Indented(terminal, message, Tone.Faint);
        }

        FieldChanges.Write(terminal, result.Changes);
        OperationText.WriteDiscarded(terminal, result.Discarded ?? []);
    }

    private void WriteDocument(Utf8JsonWriter writer, RepairExecution? execution)
    {
        writer.WriteStartObject();
        writer.WriteString("execution_id", execution?.Id ?? kept.FirstOrDefault()?.ExecutionId ?? "dry-run");
        if (plan.Undoes is { } undone)
        {
            writer.WriteString("undoes", undone);
        }

        // The plan of a dry undo is not recorded: its id would lead nowhere.
        if (plan.Undoes is null || !dryRun)
        {
            writer.WriteString("plan_id", plan.Id);
        }

        writer.WriteString("store", plan.Store);
        writer.WriteBoolean("dry_run", dryRun);
        if (execution is not null)
        {
            writer.WriteString("status", Codes.Of(execution.Status));
        }

        if (execution is { Damaged.Count: > 0 })
        {
            writer.WriteStartArray("damaged");
            execution.Damaged.ToList().ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
        }

        JsonOutput.Counts(writer, "outcomes", outcomes.Select(pair => KeyValuePair.Create(Codes.Of(pair.Key), pair.Value)));
        writer.WriteStartArray("results");
        foreach (var result in kept)
        {
            JsonSerializer.Serialize(writer, result, ModelJson.Default.RepairResult);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Follow(RepairExecution? execution)
    {
        if (dryRun)
        {
            if (Count(OperationOutcome.WouldApply) > 0)
            {
                session.Next(command + " --confirm");
            }

            return;
        }

        if (execution?.Status == ExecutionStatus.Stopped)
        {
            terminal.Complain($"Stopped: {execution.Message}");
            session.Next($"repair --resume {execution.Id} --confirm");
        }
        else if (execution is { Destination: { } destination })
        {
            terminal.Note($"Written to {destination}.");
        }

        if (execution?.DamagedMessage is { } damaged)
        {
            terminal.Explain("Warning:", damaged);
        }

        if (plan.Undoes is null && Count(OperationOutcome.Stale) is > 0 and var stale)
        {
            session.Follow($"{(AllStale ? "Nothing was done: all of it" : Counted.Number(stale) + " of it")} was changed since the plan was made. To plan anew:", $"resolve {CommandWords.Argument(plan.Store)}");
        }

        if (execution is { Status: ExecutionStatus.Completed, Undoes: null, HasApplied: true } && plan.IsReversible)
        {
            session.Follow("To take it back:", $"undo {execution.Id}");
        }
    }
}
