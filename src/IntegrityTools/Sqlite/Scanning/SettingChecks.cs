using System.Text.RegularExpressions;
using IntegrityTools.Configuration;
using IntegrityTools.Model;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>Judges the settings that risk data and the libraries that write, for WAL and rollback mode apart.</summary>
internal static partial class SettingChecks
{
    /// <summary>What is a risk, or cannot be known.</summary>
    public static IEnumerable<IntegrityIssue> Run(CheckContext context) => Libraries(context)
        .Concat(context.Wants(IssueTypes.UnsafeSetting) ? Modes(context).Concat(Connections(context)) : []);

    /// <summary>Reads a setting off a connection string or URI, whichever driver's: <c>Foreign Keys=True;</c>, <c>_busy_timeout=5000</c>, <c>_pragma=synchronous(1)</c>.</summary>
    internal static string? Setting(string connection, params ReadOnlySpan<string> names)
    {
        foreach (Match match in Settings().Matches(connection))
        {
            var name = match.Groups["name"].Value.Replace("_", string.Empty, StringComparison.Ordinal).Replace(" ", string.Empty, StringComparison.Ordinal);
            foreach (var wanted in names)
            {
                if (name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
                {
                    return match.Groups["value"].Value.Trim().ToLowerInvariant();
                }
            }
        }

        return null;
    }

    private static IEnumerable<IntegrityIssue> Libraries(CheckContext context)
    {
        if (!context.Wants(IssueTypes.VulnerableLibrary))
        {
            yield break;
        }

        foreach (var (version, who, severity) in new (Version?, string, Severity)[]
            { (context.Header.WriterVersion, "The application that wrote last uses", Severity.Medium), (Version.Parse(SqliteRuntime.Version), "This program has loaded", Severity.Info) })
        {
            foreach (var bug in LibraryBug.All.Where(bug => version is not null && bug.IsIn(version) && (context.Header.IsWal || !bug.NeedsWal)))
            {
                yield return context.Issue(
                    IssueTypes.VulnerableLibrary,
                    severity,
                    $"sqlite:{version}",
                    $"{who} SQLite {version}, which has the {bug.Name}. {bug.Meaning}",
                    new SettingEvidence("sqlite", version!.ToString(), bug.Fixed.ToString(), $"{bug.Name}: {bug.Source}"),
                    key: bug.Name + who);
            }
        }
    }

    private static IEnumerable<IntegrityIssue> Modes(CheckContext context)
    {
        var mode = context.Header.IsWal ? SqliteJournalMode.Wal : SqliteJournalMode.Delete;
        if (context.Settings.JournalMode is { } wanted && wanted != mode)
        {
            yield return context.Issue(
                IssueTypes.UnsafeSetting,
                Severity.Medium,
                "journal_mode",
                $"The database is in {(mode == SqliteJournalMode.Wal ? "WAL" : "rollback")} mode, and the configuration wants journal_mode={Codes.Of(wanted)}.",
                new SettingEvidence("journal_mode", Codes.Of(mode), Codes.Of(wanted), "Set by sqlite.journal_mode."),
                repairable: true);
        }

        var vacuum = context.Header.LargestRoot == 0 ? SqliteAutoVacuum.None : context.Header.IncrementalVacuum ? SqliteAutoVacuum.Incremental : SqliteAutoVacuum.Full;
        if (context.Settings.AutoVacuum is { } wished)
        {
            if (wished != vacuum)
            {
                yield return context.Issue(
                    IssueTypes.UnsafeSetting,
                    Severity.Low,
                    "auto_vacuum",
                    $"The database has auto_vacuum={Codes.Of(vacuum)}, and the configuration wants {Codes.Of(wished)}."
                        + (wished == SqliteAutoVacuum.None || vacuum == SqliteAutoVacuum.None ? " No plan does that: it takes a VACUUM, which cannot be taken back." : string.Empty),
                    new SettingEvidence("auto_vacuum", Codes.Of(vacuum), Codes.Of(wished), "Set by sqlite.auto_vacuum."),
                    repairable: wished != SqliteAutoVacuum.None && vacuum != SqliteAutoVacuum.None);
            }
        }
        else if (vacuum == SqliteAutoVacuum.Full)
        {
            yield return context.Issue(
                IssueTypes.UnsafeSetting,
                Severity.Info,
                "auto_vacuum",
                "auto_vacuum=FULL moves pages at every commit that frees one: each such commit writes more, and the tables become scattered. INCREMENTAL waits to be asked; "
                    + "with sqlite.auto_vacuum: incremental in integrity.yaml a plan changes it.",
                new SettingEvidence("auto_vacuum", "full", "incremental", "Costs, and risks nothing."));
        }
    }

    private static IEnumerable<IntegrityIssue> Connections(CheckContext context)
    {
        if (context.Connection is not { } connection)
        {
            yield return context.Issue(
                IssueTypes.UnsafeSetting,
                Severity.Info,
                "connection",
                "synchronous, foreign_keys and busy_timeout are kept by no file: they are unknown. "
                + $"Right is synchronous={(context.Header.IsWal ? "FULL where each commit must outlive a power cut, NORMAL else" : "FULL")}, foreign_keys=ON and a busy_timeout of some seconds; "
                + "the store's 'connection' in integrity.yaml lets them be judged.",
                new SettingEvidence("connection", null, null, "Not configured."));
            yield break;
        }

        var judged = new (string Name, string? Value, string Wanted, string Why)[]
        {
            ("journal_mode", Setting(connection, "journalmode", "journal"), "wal", "A crash in a transaction leaves the database damaged for good."),
            ("synchronous", Setting(connection, "synchronous", "sync"), "full", "A power cut can damage the database."),
            ("foreign_keys", Setting(connection, "foreignkeys", "fk"), "on", "Foreign keys are declared and not enforced: rows lose their parents unseen."),
            ("busy_timeout", Setting(connection, "busytimeout", "timeout", "defaulttimeout"), "5000", "A write that meets another fails at once instead of waiting."),
        };
        foreach (var (name, value, wanted, why) in judged)
        {
            var (severity, text) = Judge(name, value, why, context.Header.IsWal);
            if (severity is { } found)
            {
                yield return context.Issue(
                    IssueTypes.UnsafeSetting, found, name, $"{name}={value ?? "(default)"}: {text}", new SettingEvidence(name, value, wanted, text));
            }
        }
    }

    private static (Severity? Severity, string Text) Judge(string name, string? value, string why, bool wal) => (name, value) switch
    {
        ("journal_mode", "off" or "memory") => (Severity.Critical, why),
        ("synchronous", "off" or "0") => (Severity.High, why),
        ("synchronous", "normal" or "1") when wal => (Severity.Low, "A power cut can take back the last commits; it does not damage the database."),
        ("synchronous", "normal" or "1") => (Severity.Medium, "In rollback mode a power cut at the wrong moment can damage the database."),
        ("foreign_keys", null or "off" or "0" or "false" or "no") => (Severity.Medium, why),
        ("busy_timeout", null or "0") => (Severity.Low, why),
        _ => (null, why),
    };

    [GeneratedRegex(@"(?:^|[;?&])\s*(?:_?pragma=)?_?(?<name>[A-Za-z_ ]+?)\s*(?:=|\(|%3D|%28)\s*(?<value>[^;&)%]*)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Settings();
}
