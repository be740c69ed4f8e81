using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Shows events and the result of checking their chain.</summary>
internal sealed class AuditOutput(Terminal terminal, OutputFormat format) : IDisposable
{
    private readonly Utf8JsonWriter writer = JsonOutput.Lines(terminal);

    /// <summary>Writes an event: what needs no protection.</summary>
    public void Write(LedgerEntry entry)
    {
        if (format == OutputFormat.Jsonl)
        {
            WriteLine(entry);
            return;
        }

        string?[] ids = [entry.Event.ScanId, entry.Event.PlanId, entry.Event.ExecutionId, entry.Event.Subject];
        var about = string.Join(' ', ids.Where(id => id is not null));
        var line = $"{entry.Number,6} {Durations.Of(entry.At)} {TerminalText.Pad(entry.Event.Kind, 20)} {TerminalText.Clean(about)}";
        terminal.Write(terminal.Width is { } width ? TerminalText.Fit(line, width) : line);
    }

    public void Dispose() => writer.Dispose();

    /// <summary>Writes the result of a check.</summary>
    public static void WriteVerification(Terminal terminal, LedgerVerification verification, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, document => WriteDocument(document, verification));
            return;
        }

        var verdict = verification.Ok ? terminal.Paint("unbroken", Tone.Good) : terminal.Paint("broken", Tone.Bad);
        var key = verification.Keyed ? " and sealed with a key" : string.Empty;
        terminal.Write($"The chain of {Counted.Of(verification.Events, "event")} is {verdict}{key}.");
        foreach (var fault in verification.Faults)
        {
            terminal.Write($"  event {fault.Number}: {fault.Kind}: {fault.Message}");
        }

        terminal.Write($"Last hash {verification.LastHash}");
        terminal.Note("Keep the last hash elsewhere: a ledger rewritten as a whole cannot lead to it.");
    }

    private static void WriteDocument(Utf8JsonWriter document, LedgerVerification verification)
    {
        document.WriteStartObject();
        document.WriteBoolean("ok", verification.Ok);
        document.WriteNumber("events", verification.Events);
        document.WriteString("last_hash", verification.LastHash);
        document.WriteBoolean("keyed", verification.Keyed);
        document.WriteStartArray("faults");
        foreach (var fault in verification.Faults)
        {
            document.WriteStartObject();
            document.WriteNumber("number", fault.Number);
            document.WriteString("kind", fault.Kind);
            document.WriteString("message", fault.Message);
            document.WriteEndObject();
        }

        document.WriteEndArray();
        document.WriteEndObject();
    }

    private void WriteLine(LedgerEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteNumber("number", entry.Number);
        writer.WriteString("at", entry.At);
        writer.WriteString("actor", entry.Actor);
        writer.WriteString("kind", entry.Event.Kind);
        WriteIfSet("store", entry.Event.Store);
        WriteIfSet("scan_id", entry.Event.ScanId);
        WriteIfSet("plan_id", entry.Event.PlanId);
        WriteIfSet("execution_id", entry.Event.ExecutionId);
        WriteIfSet("subject", entry.Event.Subject);
        writer.WritePropertyName("data");
        writer.WriteRawValue(entry.Event.Data.Utf8.Span, skipInputValidation: true);
        writer.WriteString("hash", entry.Hash);
        writer.WriteEndObject();
        writer.Flush();
        writer.Reset();
        terminal.Data.WriteByte((byte)'\n');
    }

    private void WriteIfSet(string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
