using System.Runtime.CompilerServices;
using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Sqlite.Schema;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>
/// Summaries of event tables, kept by triggers: installed, held against their events, and brought back to them. All that is written is a plan first, run by
/// <see cref="IntegrityEngine.RepairAsync"/> and taken back like any other.
/// </summary>
public sealed class IntegritySummaries
{
    private const int MostShown = 100;

    private readonly IntegrityEngine engine;

    internal IntegritySummaries(IntegrityEngine engine) => this.engine = engine;

    /// <summary>Holds a summary against its events. Writes nothing to the database; the ledger gets a scan with every issue.</summary>
    /// <exception cref="IntegrityException">The store is no SQLite database, the definition has errors, or none was given and none is installed.</exception>
    public async Task<SummaryReport> TestAsync(SummaryOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var check = await OpenAsync(options, cancellationToken).ConfigureAwait(false);
        var first = new List<IntegrityIssue>();
        var reasons = new List<string>();
        var (values, rows) = (0L, 0L);
        string? row = null;
        ScanReport? scan = null;
        await foreach (var issue in ScanAsync(check, options, report => scan = report, cancellationToken).ConfigureAwait(false))
        {
            if (first.Count < MostShown)
            {
                first.Add(issue);
            }

            if (issue.Evidence is SummaryEvidence { Key: null } table)
            {
                reasons.AddRange(table.Reasons);
                continue;
            }

            values++;
            rows += issue.Subject == row ? 0 : 1;
            row = issue.Subject;
        }

        var counts = check.Request.Counts;
        return new SummaryReport
        {
            Store = check.Store.Descriptor.Address,
            Table = string.Join(", ", counts.Tables),
            ScanId = scan!.ScanId,
            Ok = scan.Issues == 0,
            Installed = reasons.Count == 0,
            Rows = counts.Rows,
            Aggregates = counts.Aggregates,
            DriftedRows = rows,
            DriftedValues = values,
            RowsWithoutEvents = counts.WithoutEvents,
            RowsWithFewerEvents = counts.WithFewerEvents,
            Reasons = reasons,
            Issues = first,
        };
    }

    /// <summary>Plans what makes a summary's table, indexes and trigger, filled from the events; null when all is there as defined.</summary>
    /// <exception cref="IntegrityException">As for <see cref="TestAsync"/>.</exception>
    public Task<RepairPlan?> PlanInstallAsync(SummaryOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Definition is null
            ? throw new IntegrityException(
                ErrorIds.InvalidArgument, "An installation needs a definition.", options.Store, $"Name a YAML file, or one of: {string.Join(", ", BuiltInSummaries.Names)}.")
            : PlanAsync(options, issue => issue.Evidence is SummaryEvidence { Key: null }, cancellationToken);
    }

    /// <summary>Plans what brings a summary back to its events: rows and values that differ, and table, indexes and trigger where they do; null when nothing does.</summary>
    /// <exception cref="IntegrityException">As for <see cref="TestAsync"/>.</exception>
    public Task<RepairPlan?> PlanUpdateAsync(SummaryOptions options, CancellationToken cancellationToken) => PlanAsync(options, _ => true, cancellationToken);

    private async Task<RepairPlan?> PlanAsync(SummaryOptions options, Func<IntegrityIssue, bool> wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var check = await OpenAsync(options, cancellationToken).ConfigureAwait(false);
        var found = ScanAsync(check, options, null, cancellationToken).Where(wanted);
        var plans = await engine.PlanAsync(found, new PlanOptions(), cancellationToken).ConfigureAwait(false);
        return plans.SingleOrDefault();
    }

    private async Task<(SqliteStore Store, SummaryRequest Request)> OpenAsync(SummaryOptions options, CancellationToken cancellationToken)
    {
        if (engine.Stores.Open(options.Store) is not SqliteStore store)
        {
            throw new IntegrityException(ErrorIds.InvalidArgument, "Only a SQLite database has summaries.", options.Store, "Name one: app.db, or sqlite:path.");
        }

        var definition = await Task.Run(() => ReadRefusal.Told(store.Path, () => Read(options.Definition, store.Path, cancellationToken), cancellationToken), cancellationToken).ConfigureAwait(false);
        var request = new SummaryRequest(definition, options.RedefineView);
        return (store.With(request), request);
    }

    // Before anything is recorded: a scan that had nothing to look at is no success.
    private static SummaryDefinition? Read(string? named, string path, CancellationToken cancellationToken)
    {
        var files = DatabaseFiles.Find(path);
        if (LogChecks.Danger(files, LogChecks.OfLogAndJournal, cancellationToken, Severity.Critical) is { } danger)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState, $"What SQLite makes of the database is not to be relied on. {danger}", path, "See to that first, on a copy of all of its files.");
        }

        if (named is null)
        {
            return QuietReader.Read(files, connection => SummaryChecks.Installed(DatabaseSchema.Read(connection)).Any(), cancellationToken) ? null : throw new IntegrityException(
                ErrorIds.NotInstalled,
                "There is nothing to test or to update: the database has no summary.",
                path,
                $"Name the definition of one: a YAML file, or one of: {string.Join(", ", BuiltInSummaries.Names)}.");
        }

        var text = BuiltInSummaries.Find(named) ?? ReadFile(named);
        return QuietReader.Read(files, connection => SummaryDefinitionReader.Read(text, named, connection), cancellationToken);
    }

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var hint = NearestWord.Of(Path.GetFileName(path), BuiltInSummaries.Names) is { } meant ? $" Did you mean '{meant}'?" : string.Empty;
            throw new IntegrityException(
                ErrorIds.InvalidArgument,
                $"There is no definition '{path}': {exception.Message}{hint}",
                path,
                $"Name a YAML file, or one of: {string.Join(", ", BuiltInSummaries.Names)}.",
                exception);
        }
    }

    private async IAsyncEnumerable<IntegrityIssue> ScanAsync(
        (SqliteStore Store, SummaryRequest Request) check, SummaryOptions options, Action<ScanReport>? told, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        var scan = new ScanOptions
        {
            Store = options.Store,
            Types = [IssueTypes.SummaryDrift],

            // Of other summaries it tells nothing.
            DocumentTypes = check.Request.Definition is { } definition ? [definition.Table] : [],
            ReportChanged = told,
            Progress = options.Progress,
        };
        var plan = await ScanPlan.MakeAsync(scan, check.Store, engine.Configuration, ledger, null, cancellationToken).ConfigureAwait(false);
        await foreach (var issue in new ScanRecorder(ledger, check.Store, scan, plan, null).RunAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return issue;
        }
    }
}
