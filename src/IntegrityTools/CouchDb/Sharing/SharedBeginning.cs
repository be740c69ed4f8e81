using System.Security.Cryptography;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Sharing;

/// <summary>Lets a process take part in the shared scan of a name, or begins it.</summary>
/// <param name="client">The database.</param>
/// <param name="clock">The time.</param>
internal sealed class SharedBeginning(CouchClient client, TimeProvider clock)
{
    private const int LongestName = 60;
    private const int LongestPauseMs = 300;

    // Whoever comes back within it goes on with what is left; after it what was done is too old to be one scan with what is not.
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>Takes part.</summary>
    /// <param name="wanted">The name and what is to be looked for.</param>
    /// <param name="rules">A digest of the rules by which is judged here.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">The name is none, or the scan of that name under way is about something else.</exception>
    public async Task<SharedMember> TakePartAsync(ShareRequest wanted, string rules, CancellationToken cancellationToken)
    {
        if (wanted.Name.Length is 0 or > LongestName || !wanted.Name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument, $"'{wanted.Name}' is no name for a shared scan.", wanted.Name, $"Give ASCII letters, digits, - and _, {LongestName} at most.");
        }

        var info = await client.OpenAsync(cancellationToken);
        if (!client.IsCouchDb)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument, "Only a CouchDB server keeps a shared scan: this one is another program.", client.Store, "Scan it without sharing.");
        }

        var board = new SharedBoard(client, wanted.Name);
        var terms = new SharedPlan
        {
            ScanId = "",
            Name = wanted.Name,
            Scope = wanted.Scope,
            Rules = rules,
            Incarnation = info.Incarnation,
            Sequence = info.UpdateSequence,
        };
        await RemoveAbandonedAsync(board, cancellationToken);
        var run = RunIdentity.Begin("scan");
        try
        {
            IReadOnlyList<string>? cuts = null;
            while (true)
            {
                var standing = await TidyAsync(board, terms, cancellationToken);
                if (standing.Count == 0 && cuts is null)
                {
                    // Takes a while, and another may begin meanwhile.
                    cuts = terms.Parts.Any(part => part.Kind == SharedPartKind.Bodies) ? await new RangeCuts(client).FindAsync(cancellationToken) : [];
                    continue;
                }

                var plan = standing.Count == 0 ? terms with { ScanId = Identifiers.New("scan"), Cuts = cuts! } : standing[0].Plan;
                if (standing.Count < 2 && plan is not null && await JoinAsync(board, plan, begins: standing.Count == 0, run, wanted.Ledger, cancellationToken) is { } worker)
                {
                    return new SharedMember(client, board, plan, worker, clock);
                }

                // Two began at one moment, or one is just ending: each waits for a time of its own.
                await Task.Delay(RandomNumberGenerator.GetInt32(20, LongestPauseMs), cancellationToken);
            }
        }
        catch
        {
            run.End();
            throw;
        }
    }

    /// <summary>Removes the documents of scans of other names with which nobody has gone on for so long that nobody may.</summary>
    private async Task RemoveAbandonedAsync(SharedBoard board, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var scan in await board.ReadOthersAsync(cancellationToken))
        {
            // One that is just beginning may be seen before its first worker is.
            if (scan.Workers.Count > 0 && scan.IsDeserted(now) && scan.LastSign < now - Kept)
            {
                await board.RemoveAsync(scan, cancellationToken);
            }
        }
    }

    /// <summary>Removes what nobody goes on with. What is left: none, the scan that is under way, or two that began at one moment.</summary>
    private async Task<IReadOnlyList<SharedState>> TidyAsync(SharedBoard board, SharedPlan terms, CancellationToken cancellationToken)
    {
        var left = new List<SharedState>();
        var scans = await board.ReadAsync(cancellationToken);
        foreach (var scan in scans)
        {
            var now = clock.GetUtcNow();
            var differs = scan.Plan is null ? null : terms.DiffersFrom(scan.Plan);
            if (scan.IsDeserted(now)
                && (scan.Plan is null || scan.AllDone || differs is not null || scan.LastSign < now - Kept || (scans.Count > 1 && scan.DoneParts().Count == 0)))
            {
                await board.RemoveAsync(scan, cancellationToken);
            }
            else if (differs is not null)
            {
                throw new IntegrityException(
                    ErrorIds.InvalidArgument, $"The shared scan '{terms.Name}' that is under way is another one: {differs}.", client.Store,
                    "Ask for the same, with the same configuration, or give this scan a name of its own.");
            }
            else if (scan.Plan is not null)
            {
                left.Add(scan);
            }
        }

        return left;
    }

    /// <summary>Adds a worker, and the plan when it begins the scan; null, and nothing is left of it, when another began too or the scan is at its end.</summary>
    private async Task<SharedWorker?> JoinAsync(
        SharedBoard board, SharedPlan plan, bool begins, RunIdentity run, string ledger, CancellationToken cancellationToken)
    {
        var worker = new SharedWorker
        {
            ScanId = plan.ScanId,
            Name = plan.Name,
            Run = run,
            Owner = $"{Environment.UserName}@{Environment.MachineName}",
            Ledger = ledger,
            ExpiresAt = clock.GetUtcNow() + client.Options.SharedScanLease,
        };
        await board.WriteAsync(worker, cancellationToken);
        if (begins)
        {
            await board.WriteAsync(plan, cancellationToken);
        }

        var seen = await board.ReadAsync(cancellationToken);
        var own = seen.FirstOrDefault(scan => scan.ScanId == plan.ScanId);
        if (own is { Plan: not null, AllDone: false } && (!begins || seen.All(scan => scan == own || scan.Plan is null)))
        {
            return worker;
        }

        if (begins && own is not null)
        {
            await board.RemoveAsync(own, cancellationToken);
        }
        else
        {
            await board.RemoveAsync(worker, cancellationToken);
        }

        return null;
    }
}
