using IntegrityTools.Configuration;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>What a scan is going to look for in a store, what it leaves out, and from where it goes on.</summary>
internal sealed record ScanPlan
{
    /// <summary>What it looks for and where.</summary>
    public required ScanScope Scope { get; init; }

    /// <summary>The store's address.</summary>
    public required string Store { get; init; }

    /// <summary>The same types, as a set.</summary>
    public required IReadOnlySet<string> Types { get; init; }

    /// <summary>What the store can have and was not asked for.</summary>
    public required IReadOnlySet<string> NotLookedFor { get; init; }

    /// <summary>What is to be known before it begins.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>The scan from whose checkpoint it goes on; null: there is none, or everything is to be looked at.</summary>
    public ScanReport? Since { get; init; }

    /// <summary>Decides it.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="store">The store.</param>
    /// <param name="configuration">What is configured.</param>
    /// <param name="ledger">What earlier scans have left.</param>
    /// <param name="resumption">The scan that goes on; null: it is a new one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">A type is unknown.</exception>
    public static async Task<ScanPlan> MakeAsync(
        ScanOptions options, IIntegrityStore store, IntegrityConfiguration configuration, ILedger ledger, ScanResumption? resumption, CancellationToken cancellationToken)
    {
        var asked = IssueTypes.Expand(options.Types, configuration.Validation.AsksForBodies);
        var types = asked.Where(store.Types.Contains).ToHashSet(StringComparer.Ordinal);
        var scope = new ScanScope
        {
            Types = [.. types.Order(StringComparer.Ordinal)],
            MinimumSeverity = options.MinimumSeverity,
            DocumentTypes = options.DocumentTypes,
            Subjects = options.Subjects,
            Partition = options.Partition,
        };
        if (resumption is not null)
        {
            // What was said of it when it began still holds.
            return new ScanPlan
            {
                Scope = scope,
                Store = store.Descriptor.Address,
                Types = types,
                NotLookedFor = resumption.Report.NotLookedFor.ToHashSet(StringComparer.Ordinal),
                Remarks = [.. resumption.Report.Remarks, .. BegunAnew(resumption, store)],
                Since = resumption.Report.SinceScan is { } before ? await ledger.GetScanAsync(before, cancellationToken).ConfigureAwait(false) : null,
            };
        }

        return new ScanPlan
        {
            Scope = scope,
            Store = store.Descriptor.Address,
            Types = types,
            NotLookedFor = store.Types.Except(types).Except(IssueTypes.OnRequest).ToHashSet(StringComparer.Ordinal),
            Remarks = [.. Impossible(options.Types, asked, store), .. await UnfinishedAsync(store, ledger, cancellationToken).ConfigureAwait(false)],
            Since = options.Incremental ? await ledger.FindScanAsync(store.Descriptor.Address, report => CanFollow(report, scope), cancellationToken).ConfigureAwait(false) : null,
        };
    }

    // Revisions of a document stand anywhere in a dump, and a page's owner anywhere in a database: a part of a file says nothing by itself.
    private static IEnumerable<string> BegunAnew(ScanResumption resumption, IIntegrityStore store)
    {
        const string Remark = "The scan was begun anew: a file is judged as a whole, so that there is no place in it to go on from. What had been found counts once.";
        return resumption.Progress?.Position is null && store.Descriptor.Kind != "couchdb" && !resumption.Report.Remarks.Contains(Remark) ? [Remark] : [];
    }

    // A run that was killed says nothing by itself. One that a later repair has followed was given up.
    private static async Task<IEnumerable<string>> UnfinishedAsync(IIntegrityStore store, ILedger ledger, CancellationToken cancellationToken)
    {
        var last = await ledger.FindLastExecutionAsync(store.Descriptor.Address, cancellationToken).ConfigureAwait(false);
        return last is { IsUnfinished: true }
            ? [$"The last repair, {last.Id}, {last.DescribeUnfinished()}: go on with {CommandWords.Command($"integrity repair --resume {last.Id} --confirm", $"Resume-RepairExecution {last.Id}")}, or make a new plan."]
            : [];
    }

    private static bool CanFollow(ScanReport report, ScanScope scope) => report is { Status: "success", Checkpoint: { } checkpoint }
        && report.Scope.Covers(scope) && !checkpoint.Missed.Intersect(scope.Types, StringComparer.Ordinal).Any();

    // Of a group it goes without saying that a part of it is about other kinds of store; what a server has and its dump has not is told all the same.
    private static IEnumerable<string> Impossible(IReadOnlyList<string> names, IReadOnlySet<string> asked, IIntegrityStore store)
    {
        var elsewhere = asked.Except(store.Types).ToHashSet(StringComparer.Ordinal);
        var dump = ReferenceEquals(store.Types, IssueTypes.OfDumps);
        var needServer = elsewhere.Where(code => dump && names.Count > 0 && IssueTypes.OfCouchDb.Contains(code)).Order(StringComparer.Ordinal).ToList();
        if (needServer.Count > 0)
        {
            yield return $"Not looked for in a dump, since it needs a running server: {string.Join(", ", needServer)}.";
        }

        var named = names.Where(name => IssueTypes.Expand([name]).All(code => elsewhere.Contains(code) && !needServer.Contains(code))).ToList();
        if (named.Count > 0)
        {
            yield return $"No store of kind {store.Descriptor.Kind} has these: {string.Join(", ", named)}.";
        }
    }
}
