using System.Globalization;
using System.Text.Json;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Shows scans and executions.</summary>
internal static class ReportOutput
{
    /// <summary>Lists both, newest first.</summary>
    public static void WriteList(Terminal terminal, IReadOnlyList<ScanReport> scans, IReadOnlyList<RepairExecution> executions, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, writer =>
            {
                writer.WriteStartObject();
                writer.WritePropertyName("scans");
                JsonSerializer.Serialize(writer, scans, ModelJson.Default.IReadOnlyListScanReport);
                writer.WritePropertyName("executions");
                JsonSerializer.Serialize(writer, executions, ModelJson.Default.IReadOnlyListRepairExecution);
                writer.WriteEndObject();
            });
            return;
        }

        var rows = scans.Select(scan => (scan.StartedAt, Cells: new[] { scan.ScanId, scan.Status, Counted.Of(scan.Issues, "issue"), scan.Store }))
            .Concat(executions.Select(run => (run.StartedAt, Cells: new[] { run.Id, Codes.Of(run.Status), Outcomes(run), run.Store })))
            .OrderByDescending(row => row.StartedAt)
            .Select(row => row.Cells.Prepend(Durations.Minute(row.StartedAt)).ToArray());
        TextTable.Write(terminal, ["STARTED (UTC)", "ID", "STATUS", "RESULT", "STORE"], rows);
    }

    /// <summary>Shows a scan.</summary>
    public static void WriteScan(Session session, ScanReport scan, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(session.Terminal, writer => JsonSerializer.Serialize(writer, scan, ModelJson.Default.ScanReport));
            return;
        }

        Fields(
            session.Terminal,
            ("scan", scan.ScanId),
            ("store", scan.Store),
            ("status", scan.Message is null ? scan.Status : $"{scan.Status}: {scan.Message}"),
            ("started", Durations.Of(scan.StartedAt)),
            ("took", scan.EndedAt is null ? null : Durations.Of(scan.DurationMs)),
            ($"{scan.Unit}s", Counted.Number(scan.Documents)),
            ("read", Counted.Number(scan.DocumentsRead)),
            ("issues", Counted.Number(scan.Issues)),
            ("ignored", scan.Ignored == 0 ? null : Counted.Number(scan.Ignored)),
            ("by type", Counts(scan.IssuesByType)),
            ("by severity", Counts(scan.IssuesBySeverity)),
            ("looked for", string.Join(", ", scan.Scope.Types)),
            ("not for", string.Join(", ", scan.NotLookedFor)),
            ("remarks", string.Join(" ", scan.Remarks)),
            ("since scan", scan.SinceScan),
            ("since", scan.SinceSequence),
            ("up to", scan.LastSequence));
        if (scan.CanResume || scan.Status == "running")
        {
            session.Follow("To go on:", $"scan --resume {scan.ScanId}");
        }

        if (scan.Issues > 0)
        {
            session.Next($"plan --scan {scan.ScanId}");
        }
    }

    /// <summary>Shows an execution, its results and what is pending.</summary>
    public static void WriteExecution(
        Session session, RepairExecution execution, IReadOnlyList<RepairResult> results, IReadOnlyList<RepairOperation> pending, OutputFormat format)
    {
        var terminal = session.Terminal;
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, writer => WriteDocument(writer, execution, results, pending));
            return;
        }

        Fields(
            terminal,
            ("execution", execution.Id),
            ("plan", execution.PlanId),
            ("store", execution.Store),
            ("status", execution.Message is null ? Codes.Of(execution.Status) : $"{Codes.Of(execution.Status)}: {execution.Message}"),
            ("by", execution.Actor),
            ("started", Durations.Of(execution.StartedAt)),
            ("ended", execution.EndedAt is { } end ? Durations.Of(end) : null),
            ("undoes", execution.Undoes),
            ("undone by", execution.UndoneBy),
            ("backup", execution.BackupPath),
            ("written to", execution.Destination),
            ("operations", Counted.Number(execution.Operations)),
            ("outcomes", Outcomes(execution)),
            ("pending", Counted.Number(pending.Count)));
        foreach (var result in results.Where(result => session.Verbose || result.Outcome is OperationOutcome.Failed or OperationOutcome.Stale))
        {
            OperationText.Head(terminal, result.Number, result.Subject, $"{result.Type}, {Codes.Of(result.Outcome)}");
            OperationText.Indented(terminal, result.Message ?? string.Empty, Tone.Faint);
        }

        foreach (var operation in pending)
        {
            OperationText.Head(terminal, operation.Number, operation.Subject, $"{operation.Type}, pending");
        }

        if (execution.Status is ExecutionStatus.Running or ExecutionStatus.Stopped)
        {
            session.Next($"repair --resume {execution.Id} --confirm");
        }
        else if (execution is { Status: ExecutionStatus.Completed, Undoes: null, HasApplied: true })
        {
            session.Follow("To take it back:", $"undo {execution.Id}");
        }
    }

    private static void WriteDocument(
        Utf8JsonWriter writer, RepairExecution execution, IReadOnlyList<RepairResult> results, IReadOnlyList<RepairOperation> pending)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("execution");
        JsonSerializer.Serialize(writer, execution, ModelJson.Default.RepairExecution);
        writer.WriteStartArray("results");
        foreach (var result in results)
        {
            JsonSerializer.Serialize(writer, result, ModelJson.Default.RepairResult);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("pending");
        foreach (var operation in pending)
        {
            JsonSerializer.Serialize(writer, operation, ModelJson.Default.RepairOperation);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string Outcomes(RepairExecution execution) =>
        string.Join(", ", execution.Outcomes.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value:N0} {pair.Key}")));

    /// <summary>Such as <c>3 applied, 1 stale</c>.</summary>
    internal static string Counts(IReadOnlyDictionary<string, long> counts) =>
        string.Join(", ", counts.Select(pair => $"{Counted.Number(pair.Value)} {pair.Key}"));

    /// <summary>Names and values, a line each; what has no value is left out.</summary>
    internal static void Fields(Terminal terminal, params (string Name, string? Value)[] fields)
    {
        foreach (var (name, value) in fields.Where(field => !string.IsNullOrEmpty(field.Value)))
        {
            terminal.Write($"{terminal.Paint(TerminalText.Pad(name, 12), Tone.Faint)}{TerminalText.Clean(value!)}");
        }
    }
}
