using System.Text.Json;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Shows the queue of issues.</summary>
internal static class KnownIssueOutput
{
    private const int WideEnough = 118;

    public static async Task WriteAsync(Session session, IAsyncEnumerable<KnownIssue> issues, OutputFormat format, CancellationToken cancellationToken)
    {
        var terminal = session.Terminal;
        switch (format)
        {
            case OutputFormat.Jsonl:
                await using (var lines = JsonOutput.Lines(terminal))
                {
                    await foreach (var issue in issues.WithCancellation(cancellationToken).ConfigureAwait(false))
                    {
                        JsonOutput.Line(terminal, lines, issue, ModelJson.Default.KnownIssue);
                    }
                }

                break;
            case OutputFormat.Json:
                await using (var document = JsonOutput.OpenDocument(terminal))
                {
                    document.WriteStartObject();
                    document.WriteStartArray("issues");
                    await foreach (var issue in issues.WithCancellation(cancellationToken).ConfigureAwait(false))
                    {
                        JsonSerializer.Serialize(document, issue, ModelJson.Default.KnownIssue);
                        await document.FlushAsync(cancellationToken).ConfigureAwait(false);
                    }

                    document.WriteEndArray();
                    document.WriteEndObject();
                }

                terminal.Data.WriteByte((byte)'\n');
                break;
            default:
                Table(session, await issues.ToListAsync(cancellationToken).ConfigureAwait(false));
                break;
        }
    }

    private static void Table(Session session, List<KnownIssue> issues)
    {
        // A narrow window has no room for the type and both moments beside the id, which is what one copies.
        if (session.Terminal.Width < WideEnough)
        {
            TextTable.Write(
                session.Terminal,
                ["ID", "STATUS", "SEVERITY", "LAST SEEN (UTC)", "TYPE AND SUBJECT"],
                issues.Select(issue => new[] { issue.Id, Codes.Of(issue.Status), Codes.Of(issue.Severity), Durations.Minute(issue.LastSeen), $"{issue.Type}  {Subject(issue)}" }));
        }
        else
        {
            TextTable.Write(
                session.Terminal,
                ["ID", "STATUS", "SEVERITY", "TYPE", "FIRST SEEN (UTC)", "LAST SEEN (UTC)", "SUBJECT"],
                issues.Select(issue => new[]
                {
                    issue.Id, Codes.Of(issue.Status), Codes.Of(issue.Severity), issue.Type, Durations.Minute(issue.FirstSeen), Durations.Minute(issue.LastSeen), Subject(issue),
                }));
        }

        session.Terminal.Note($"{Counted.Of(issues.Count, "issue")}.");
    }

    private static string Subject(KnownIssue issue) =>
        issue.Until is { } until ? $"{issue.Subject} (until {Durations.Minute(until)}: {issue.Reason})" : issue.Subject;
}
