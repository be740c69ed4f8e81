using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Queue;

/// <summary>
/// The issues that are known, as every host sees them: listed, ignored until a day, reopened. Scans and repairs move them by what the ledger
/// records; a person moves them here.
/// </summary>
public sealed class IssueQueue
{
    private readonly IntegrityEngine engine;

    internal IssueQueue(IntegrityEngine engine) => this.engine = engine;

    /// <summary>The known issues that fit the store, types, severity, document types and subjects of <paramref name="filter"/>: the worst first, then the oldest.</summary>
    /// <param name="filter">Which; its store null: the default store's, or every store's where there is no default.</param>
    /// <param name="statuses">Only with one of these; empty: all that is not resolved or ignored.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="allStores">True: every store's, also where there is a default.</param>
    /// <exception cref="IntegrityException">The store or a type is unknown.</exception>
    public async IAsyncEnumerable<KnownIssue> ListAsync(
        ScanOptions filter, IReadOnlyCollection<IssueStatus> statuses, [EnumeratorCancellation] CancellationToken cancellationToken, bool allStores = false)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(statuses);
        var query = new IssueQuery
        {
            Store = engine.Stores.ResolveForList(filter.Store, allStores),
            Statuses = statuses.Count > 0 ? statuses : [IssueStatus.Open, IssueStatus.Planned, IssueStatus.Reopened],
        };
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var issue in ledger.ReadKnownIssuesAsync(query, cancellationToken).MatchingAsync(filter, cancellationToken).ConfigureAwait(false))
        {
            yield return issue;
        }
    }

    /// <summary>Some known issues, in the order of their ids.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.NotFound"/>: one of them is not known.</exception>
    public async Task<IReadOnlyList<KnownIssue>> GetAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        var known = new Dictionary<string, KnownIssue>(StringComparer.Ordinal);
        await foreach (var issue in ledger.ReadKnownIssuesAsync(new IssueQuery { Ids = ids }, cancellationToken).ConfigureAwait(false))
        {
            known[issue.Id] = issue;
        }

        return [.. ids.Distinct(StringComparer.Ordinal).Select(id => known.TryGetValue(id, out var issue) ? issue : throw new IntegrityException(
            ErrorIds.NotFound, $"The ledger knows no issue '{id}'.", id,
            $"List them with {CommandWords.Command("integrity issues list --all-stores", "Get-IntegrityIssue -FromLedger -AllStores")}; another ledger is named by {CommandWords.Option("--ledger", "-Ledger")} or INTEGRITY_LEDGER."))];
    }

    /// <summary>Ignores issues until a day: scans and plans leave them out, and they count for no exit code. All or none.</summary>
    /// <param name="ids">The issues.</param>
    /// <param name="reason">Why, for whoever comes later.</param>
    /// <param name="until">Until when; after it they are reopened.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">
    /// <see cref="ErrorIds.NotFound"/>: an issue is not known; <see cref="ErrorIds.InvalidState"/>: one is resolved; <see cref="ErrorIds.InvalidArgument"/>: no
    /// reason, or a day that has passed.
    /// </exception>
    public async Task<IReadOnlyList<KnownIssue>> IgnoreAsync(
        IReadOnlyList<string> ids, string reason, DateTimeOffset until, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            throw new IntegrityException(ErrorIds.InvalidArgument, "An issue is ignored for a reason, and none was given.", null, "Say why in a few words.");
        }

        if (until <= DateTimeOffset.UtcNow)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument, $"An issue cannot be ignored until {LedgerTime.Of(until)}: that has passed.", null, "Give a day to come.");
        }

        return await ChangeAsync(
            ids,
            issue => issue.Status != IssueStatus.Resolved ? true : throw new IntegrityException(
                ErrorIds.InvalidState, $"The issue of '{issue.Subject}' is resolved: there is nothing to ignore.", issue.Id, "If it comes back, it is reopened by the scan that finds it."),
            LedgerEventKinds.IssueIgnored,
            new IssueWord(reason, Until: LedgerTime.Of(until)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes ignoring back, or wants an issue dealt with that was planned or resolved. One that is open stays as it is. All or none.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.NotFound"/>: an issue is not known.</exception>
    public Task<IReadOnlyList<KnownIssue>> ReopenAsync(IReadOnlyList<string> ids, string? reason, CancellationToken cancellationToken) => ChangeAsync(
        ids,
        issue => issue.Status is not IssueStatus.Open and not IssueStatus.Reopened,
        LedgerEventKinds.IssueReopened,
        new IssueWord(reason),
        cancellationToken);

    /// <summary>Lets issues that were resolved before a moment leave the queue. What was found and done stays in the ledger's events.</summary>
    /// <returns>How many.</returns>
    internal static async Task<long> CleanAsync(ILedger ledger, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var count = await ledger.CountResolvedAsync(before, cancellationToken).ConfigureAwait(false);
        if (count > 0)
        {
            await ledger.AppendAsync(
                [new LedgerEvent { Kind = LedgerEventKinds.IssuesCleaned, Data = Json(new IssueWord(null, Before: LedgerTime.Of(before))) }],
                cancellationToken).ConfigureAwait(false);
        }

        return count;
    }

    private async Task<IReadOnlyList<KnownIssue>> ChangeAsync(
        IReadOnlyList<string> ids, Func<KnownIssue, bool> isMeant, string kind, IssueWord word, CancellationToken cancellationToken)
    {
        var issues = await GetAsync(ids, cancellationToken).ConfigureAwait(false);
        var data = Json(word);
        var ledger = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
        await ledger.AppendAsync(
            [.. issues.Where(isMeant).Select(issue => new LedgerEvent { Kind = kind, Store = issue.Store, Subject = issue.Id, Data = data })],
            cancellationToken).ConfigureAwait(false);
        return await GetAsync(ids, cancellationToken).ConfigureAwait(false);
    }

    private static RawJson Json(IssueWord word) => new(JsonSerializer.SerializeToUtf8Bytes(word, LedgerJson.Default.IssueWord));
}
