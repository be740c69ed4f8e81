using System.Globalization;
using System.Text;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Writes issues as they come, in the form that was asked for.</summary>
internal sealed class IssueOutput(Terminal terminal, OutputFormat format) : IDisposable
{
    private const string CsvHead = "id,type,severity,subject,document_type,can_auto_resolve,leaves,message,store,scan_id,detected_at\r\n";

    private readonly Utf8JsonWriter? writer = format switch
    {
        OutputFormat.Json => JsonOutput.OpenDocument(terminal),
        OutputFormat.Jsonl => JsonOutput.Lines(terminal),
        _ => null,
    };

    private readonly IssueTable table = new(terminal);

    /// <summary>Writes what stands before the first issue.</summary>
    public void Begin()
    {
        if (format == OutputFormat.Json)
        {
            writer!.WriteStartObject();
            writer.WriteStartArray("issues");
        }
        else if (format == OutputFormat.Csv)
        {
            terminal.Data.Write(Encoding.UTF8.GetBytes(CsvHead));
        }
    }

    /// <summary>Writes an issue.</summary>
    public void Write(IntegrityIssue issue)
    {
        switch (format)
        {
            case OutputFormat.Jsonl:
                JsonOutput.Line(terminal, writer!, issue, ModelJson.Default.IntegrityIssue);
                break;
            case OutputFormat.Json:
                JsonSerializer.Serialize(writer!, issue, ModelJson.Default.IntegrityIssue);
                writer!.Flush();
                break;
            case OutputFormat.Csv:
                terminal.Data.Write(Encoding.UTF8.GetBytes(Csv(issue)));
                break;
            default:
                table.Write(issue);
                break;
        }
    }

    /// <summary>Writes what stands after the last issue.</summary>
    public void End(ScanReport? report)
    {
        if (format != OutputFormat.Json)
        {
            return;
        }

        writer!.WriteEndArray();
        if (report is not null)
        {
            writer.WritePropertyName("scan");
            JsonSerializer.Serialize(writer, report, ModelJson.Default.ScanReport);
        }

        writer.WriteEndObject();
        writer.Flush();
        terminal.Data.WriteByte((byte)'\n');
    }

    public void Dispose() => writer?.Dispose();

    private static string Csv(IntegrityIssue issue) => string.Join(
        ',',
        new[]
        {
            issue.Id, issue.Type, Codes.Of(issue.Severity), issue.Subject, issue.DocumentType ?? string.Empty,
            issue.CanAutoResolve ? "true" : "false",
            (issue.Evidence as ConflictEvidence)?.Leaves.Count.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
            issue.Message, issue.Store, issue.ScanId, issue.DetectedAt.ToString("O", CultureInfo.InvariantCulture),
        }.Select(Quote)) + "\r\n";

    private static string Quote(string value) =>
        value.AsSpan().ContainsAny(",\"\r\n") ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : value;
}
