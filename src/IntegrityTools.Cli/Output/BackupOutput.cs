using System.Text.Json;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>Shows backups, tests of them and restores.</summary>
internal static class BackupOutput
{
    private const int MostListed = 20;

    private static readonly Dictionary<string, string> Nouns = new(StringComparer.Ordinal)
    {
        ["documents"] = "document",
        ["revisions"] = "revision",
        ["attachments"] = "attachment",
        ["local"] = "local document",
        ["files"] = "file",
        ["encrypted"] = "encrypted file",
    };

    public static void Write(Session session, BackupManifest made, IReadOnlyList<BackupManifest> removed, OutputFormat format)
    {
        var terminal = session.Terminal;
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, writer => WriteManifest(writer, made));
            return;
        }

        terminal.Write(made.Path);
        foreach (var remark in made.Remarks)
        {
            terminal.Note(remark);
        }

        var verdict = made.VerifiedAt is null ? "not verified" : "read back and whole";
        IEnumerable<string> facts = [CountsOf(made.Counts), $"{Size(made.Length)} in {Durations.Of(made.DurationMs)}", verdict];
        terminal.Note($"{Codes.Of(made.Mode)} backup {made.Id} of {made.Store}: {string.Join("; ", facts.Where(fact => fact.Length > 0))}.");
        if (removed.Count > 0)
        {
            terminal.Note($"Removed, since expired: {Counted.Of(removed.Count, "older backup")}, of {Durations.Minute(removed[^1].CreatedAt)} to {Durations.Minute(removed[0].CreatedAt)} UTC.");
        }

        session.Next($"backup test {CommandWords.Argument(made.Path)}");
    }

    public static void Write(Session session, BackupVerification verification, OutputFormat format)
    {
        var terminal = session.Terminal;
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, writer => JsonSerializer.Serialize(writer, verification, ModelJson.Default.BackupVerification));
            return;
        }

        var verdict = verification.Ok ? terminal.Paint("whole", Tone.Good) : terminal.Paint("damaged", Tone.Bad);
        terminal.Write($"{verification.BackupId} is {verdict}.");
        foreach (var fault in verification.Faults)
        {
            terminal.Write($"  {TerminalText.Clean(fault.File)}{(fault.Place is null ? string.Empty : $", {fault.Place}")}: {TerminalText.Clean(fault.Message)}");
        }

        if (verification.IssuesByType is { } issues)
        {
            terminal.Note($"Restored to {verification.RestoredTo} and scanned there: {CountsOf(verification.Counts)}; "
                + (issues.Count == 0 ? "no issues." : string.Join(", ", issues.Select(issue => $"{Counted.Number(issue.Value)} {issue.Key}")) + ", which the store had too."));
            if (verification.NotLookedFor.Count > 0)
            {
                terminal.Note($"Not looked for: {string.Join(", ", IssueTypes.Shorten(verification.NotLookedFor.ToHashSet(StringComparer.Ordinal), IssueTypes.OfCouchDb))}.");
            }
        }
    }

    public static void Write(Session session, RestoreReport report, OutputFormat format)
    {
        var terminal = session.Terminal;
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, writer => JsonSerializer.Serialize(writer, report, ModelJson.Default.RestoreReport));
            return;
        }

        terminal.Write($"{report.BackupId} of {report.BackupOf}, {Durations.Minute(report.BackupCreatedAt!.Value)} UTC");
        terminal.Write($"into {report.Store}");
        terminal.Write($"{(report.DryRun ? "Would write" : "Written")}: {Counted.Number(report.Written)}; already there: {Counted.Number(report.Unchanged)}.");
        if (report.Newer.Count > 0)
        {
            var fate = (report.Overwritten, report.DryRun) switch { (true, true) => "Would be overwritten", (true, false) => "Overwritten", _ => "Left alone" };
            terminal.Write($"{fate}, since newer than the backup or other: {Counted.Number(report.Newer.Count)}");
            List(terminal, report.Newer);
        }

        if (report.Changed.Count > 0)
        {
            terminal.Write($"Left alone, since others changed it meanwhile: {Counted.Number(report.Changed.Count)}");
            List(terminal, report.Changed);
        }

        if (report.Failed.Count > 0)
        {
            terminal.Write($"Not written, or only in part: {Counted.Number(report.Failed.Count)}");
            List(terminal, report.Failed);
        }

        if (report.Damaged.Count > 0)
        {
            terminal.Write($"Could not be read and {(report.DryRun ? "would be" : "were")} left out: {Counted.Number(report.Damaged.Count)}");
            List(terminal, report.Damaged);
        }

        foreach (var remark in report.Remarks)
        {
            terminal.Note(remark);
        }

        if (report.ExecutionId is { } execution)
        {
            session.Follow("To take it back:", $"undo {execution} --confirm");
        }
        else if (report.DryRun && report.Written > 0)
        {
            terminal.Note("Nothing was written. Add --confirm to restore.");
        }

        if (report.Newer.Count > 0 && !report.Overwritten)
        {
            terminal.Note("--overwrite restores that, too; what stands there is saved first, and undo gives it back.");
        }
    }

    public static void Write(Terminal terminal, IReadOnlyList<BackupManifest> backups, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, writer =>
            {
                writer.WriteStartArray();
                foreach (var backup in backups)
                {
                    WriteManifest(writer, backup);
                }

                writer.WriteEndArray();
            });
            return;
        }

        TextTable.Write(
            terminal,
            ["CREATED (UTC)", "BACKUP", "MODE", "SIZE", "VERIFIED", "STORE"],
            backups.Select(backup => new[]
            {
                Durations.Minute(backup.CreatedAt), backup.Id, Codes.Of(backup.Mode), Size(backup.Length), backup.VerifiedAt is null ? "no" : "yes", backup.Store,
            }));
        if (backups.Any(backup => backup.Mode is BackupMode.Forensic or BackupMode.SetAside))
        {
            terminal.Note("What is forensic or set_aside is tested or restored only when it is named itself; a folder's name means its newest full or incremental backup.");
        }
    }

    private static void WriteManifest(Utf8JsonWriter writer, BackupManifest backup)
    {
        writer.WriteStartObject();
        writer.WriteString("path", backup.Path);
        writer.WritePropertyName("manifest");
        JsonSerializer.Serialize(writer, backup, ModelJson.Default.BackupManifest);
        writer.WriteEndObject();
    }

    private static void List(Terminal terminal, IReadOnlyList<string> subjects)
    {
        foreach (var subject in subjects.Take(MostListed))
        {
            terminal.Write("  " + TerminalText.Clean(subject));
        }

        if (subjects.Count > MostListed)
        {
            terminal.Write($"  and {Counted.Number(subjects.Count - MostListed)} more; --output json lists all");
        }
    }

    // Of a SQLite database the counts are the rows of its tables, which have names of their own.
    private static string CountsOf(IReadOnlyDictionary<string, long> counts) => counts.Keys.All(Nouns.ContainsKey)
        ? string.Join(", ", counts.Select(count => Counted.Of(count.Value, Nouns[count.Key])))
        : $"{Counted.Of(counts.Values.Sum(), "row")} in {Counted.Of(counts.Count, "table")}";

    private static string Size(long bytes) => bytes < 1 << 20 ? $"{Counted.Number((bytes + 1023) >> 10)} KiB" : $"{Counted.Number(bytes >> 20)} MiB";
}
