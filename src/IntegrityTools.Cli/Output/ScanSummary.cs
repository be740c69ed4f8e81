using IntegrityTools.Cli.Hosting;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>The words after a scan.</summary>
internal static class ScanSummary
{
    /// <summary>Tells what came of it.</summary>
    /// <param name="session">The run.</param>
    /// <param name="report">The scan.</param>
    /// <param name="allUsual">True when no types were named, so that nobody chose what was left out.</param>
    public static void Tell(Session session, ScanReport report, bool allUsual)
    {
        foreach (var remark in report.Remarks)
        {
            session.Terminal.Note(remark);
        }

        if (allUsual && report.DescribeNotLookedFor() is { } left)
        {
            session.Terminal.Note($"Not looked for: {left}; --type all looks for everything.");
        }

        if (report.Share is { } share)
        {
            session.Terminal.Note(Line(share));
        }

        session.Terminal.Note($"{Line(report)} Scan {report.ScanId}.");
        TellIgnored(session, report);
        if (report.Issues > 0)
        {
            session.Next($"plan --scan {report.ScanId}");
        }
    }

    /// <summary>Says that there is more than was shown.</summary>
    public static void TellIgnored(Session session, ScanReport? report)
    {
        if (report is { Ignored: > 0 })
        {
            var store = session.Engine.Stores.ResolveForList(null, all: false) == report.Store ? string.Empty : $" {CommandWords.Argument(report.Store)}";
            session.Follow($"{Counted.Number(report.Ignored)} more {(report.Ignored == 1 ? "is" : "are")} ignored:", $"issues list{store} --status ignored");
        }
    }

    /// <summary>Such as <c>12 of the 66 parts of 'nightly' were scanned here; the issues of the others are in the ledgers of a@one, b@two.</c></summary>
    public static string Line(ScanShare share) =>
        (share.Parts == 1 ? $"'{share.Name}' is one part; scanned here: {share.PartsHere}" : $"{Counted.Number(share.PartsHere)} of the {Counted.Number(share.Parts)} parts of '{share.Name}' were scanned here")
        + (share.Others.Count == 0 ? "."
            : share.AllHere ? $", the others by {string.Join(", ", share.Others)}; this ledger holds the issues of all of them."
            : $"; the issues of the others are in the ledgers of {string.Join(", ", share.Others)}.");

    /// <summary>Such as <c>412 issues (12 critical, 400 medium) in 2,000 documents, 0.3 s.</c></summary>
    public static string Line(ScanReport report)
    {
        var severities = Codes.All<Severity>().Reverse()
            .Where(report.IssuesBySeverity.ContainsKey)
            .Select(code => $"{Counted.Number(report.IssuesBySeverity[code])} {code}");
        var parts = report.Issues > 0 ? $" ({string.Join(", ", severities)})" : string.Empty;
        var where = report.SinceScan is null ? Counted.Of(report.Documents, report.Unit) : $"{Counted.Of(report.Documents, report.Unit)} changed since {report.SinceScan}";
        return $"{Counted.Of(report.Issues, "issue")}{parts} in {where}, {Durations.Of(report.DurationMs)}.";
    }
}
