using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Scanning;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Sharing;

/// <summary>Does one worker's parts of a shared scan, one after the other, until all of it is done by somebody.</summary>
/// <param name="client">The database.</param>
/// <param name="source">The same, as the passes read it.</param>
/// <param name="passes">The passes over what a source lists.</param>
internal sealed class SharedScan(CouchClient client, ICouchSource source, Func<ICouchSource, CouchScan> passes)
{
    /// <summary>Scans. A part counts as done once its issues are recorded.</summary>
    public async IAsyncEnumerable<IntegrityIssue> ScanAsync(
        SharedMember member, ScanRequest request, ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = member.KeepAsync(enough.Token);
        try
        {
            var found = 0L;
            var counted = member.Parts.Any(part => part.Kind == SharedPartKind.Bodies) ? SharedPartKind.Bodies : SharedPartKind.Leaves;
            while (await member.ClaimAsync(cancellationToken) is { } work)
            {
                var whole = false;
                var own = new ScanStatistics();
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, work.CalledOff);
                await using var issues = passes(SourceOf(work.Part)).ScanAsync(Only(work.Part, request), own, stop.Token).GetAsyncEnumerator(stop.Token);
                while (true)
                {
                    try
                    {
                        whole = !await issues.MoveNextAsync();
                    }
                    catch (OperationCanceledException) when (work.CalledOff.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                    {
                        break;
                    }

                    if (whole)
                    {
                        break;
                    }

                    found++;
                    yield return issues.Current;
                }

                if (whole)
                {
                    Join(statistics, own, work.Part, counted);
                    await (request.Recorded?.Invoke(cancellationToken) ?? ValueTask.CompletedTask);
                    await member.DoneAsync(work with { Missed = own.Missed }, cancellationToken);
                }

                request.Progress?.Report(new WorkProgress("Scanning", member.PartsDone, member.Parts.Count, "parts", found));
            }

            await member.LeaveAsync(cancellationToken);
        }
        finally
        {
            await enough.CancelAsync();
            await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        statistics.Share = member.Share;
        if (member.EndedWithoutIt)
        {
            statistics.Remark("The shared scan ended while this process lay still: others have done what it had begun.");
        }
    }

    private static ScanRequest Only(SharedPart part, ScanRequest request) =>
        request with { Types = part.Types, Progress = null, Settled = null, Recorded = null, Shared = null };

    // What a part leaves out, the scan leaves out; of other types a part says nothing.
    private static void Join(ScanStatistics all, ScanStatistics own, SharedPart part, SharedPartKind counted)
    {
        all.LeaveOut(own.LeftOut.Where(part.Types.Contains));
        all.LeaveOut(own.PartlyLeftOut.Where(part.Types.Contains), partly: true);
        all.Miss(own.Missed);
        all.AddDocuments(part.Kind == counted ? own.Documents : 0);
        all.AddDocumentsRead(own.DocumentsRead);
        foreach (var remark in own.Remarks.Except(all.Remarks))
        {
            all.Remark(remark);
        }
    }

    private ICouchSource SourceOf(SharedPart part) =>
        part.Kind == SharedPartKind.Bodies ? new RangeSource(source, new ServerSource(client), client, part.Range) : source;
}
