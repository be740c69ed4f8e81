using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>
/// Brings an index up to date and waits until it is. From scratch, it first gives the definition a mark that makes the stored index nobody's, has the
/// server remove that, and gives the definition back: in each of these states queries answer the same, and a resumed run sees from the
/// design document alone how far it came.
/// </summary>
internal sealed class IndexRebuild(CouchClient client, StorageQuestions questions, RepairContext context)
{
    private const int MostAttempts = 10;
    private const int MostRounds = 2;
    private const int SlowerByRound = 4;
    private const string InUse = "The server goes on with the stored index, which is in use all the time; the definition is as it was. Make a new plan when fewer queries run.";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly RawJson Nothing = RawJson.FromText("{}");

    /// <summary>Runs it.</summary>
    public async Task<RepairResult> RunAsync(RepairOperation operation, RebuildIndexAction action, CancellationToken cancellationToken)
    {
        var planned = ((SettingPrecondition)operation.Precondition).Value;
        var design = await questions.GetDesignDocumentAsync(action.Design, cancellationToken);
        if (design is null || !IsOurs(design, planned, action.FromScratch))
        {
            return Result(operation, OperationOutcome.Stale, StorageRepair.StaleMessage(operation), null);
        }

        if (action.FromScratch && !IsGivenBack(design, planned) && await ThrowAwayAsync(design, slower: 0, cancellationToken) is { } failure)
        {
            return Result(operation, OperationOutcome.Failed, failure, null);
        }

        design = await questions.GetDesignDocumentAsync(action.Design, cancellationToken) ?? design;
        var behind = (await questions.GetIndexAsync(design, cancellationToken))?.Pending ?? 0;
        if (!action.FromScratch && behind == 0)
        {
            return Result(operation, OperationOutcome.AlreadyApplied, null, design);
        }

        var documents = (await questions.GetInfoAsync(cancellationToken)).Documents;
        var error = await WarmAsync(design, cancellationToken);
        for (var round = 1; action.FromScratch && error is null && await HasTooManyRowsAsync(design, documents, cancellationToken); round++)
        {
            if (round > MostRounds)
            {
                return Result(operation, OperationOutcome.Failed, InUse, null);
            }

            if (await ThrowAwayAsync(design, slower: round * SlowerByRound, cancellationToken) is { } refused)
            {
                return Result(operation, OperationOutcome.Failed, refused, null);
            }

            design = await questions.GetDesignDocumentAsync(action.Design, cancellationToken) ?? design;
            documents = (await questions.GetInfoAsync(cancellationToken)).Documents;
            error = await WarmAsync(design, cancellationToken);
        }

        if (error is not null)
        {
            return Result(operation, OperationOutcome.Failed, $"The index could not be built, its definition is as it was: {error}. Mend the design document, then scan again.", null);
        }

        var now = await questions.GetDesignDocumentAsync(action.Design, cancellationToken);
        return Result(operation, OperationOutcome.Applied, $"The index was brought up to date: {Counted.Of(behind, "change")}.", now);
    }

    private bool IsOurs(DesignDocument design, string planned, bool fromScratch) =>
        design.Revision == planned || (context.Resuming && fromScratch && (RebuildMark.IsOn(design.Body) || IsGivenBack(design, planned)));

    // What an interrupted run wrote last: the mark and its removal, perhaps more than once.
    private static bool IsGivenBack(DesignDocument design, string planned) =>
        !RebuildMark.IsOn(design.Body) && Generation(design.Revision) > Generation(planned) && (Generation(design.Revision) - Generation(planned)) % 2 == 0;

    private static int Generation(string revision) =>
        int.TryParse(revision.Split('-')[0], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;

    private RepairResult Result(RepairOperation operation, OperationOutcome outcome, string? message, DesignDocument? after) => RepairResult.Of(
        context.ExecutionId, operation, outcome, message, after is null ? null : new SettingPrecondition(after.Id, after.Revision));

    /// <summary>
    /// Has the server throw the stored index away; null, or why it did not. The server hears of a changed definition a moment later, and may find the old one
    /// again by then and go on with what it has open: an index that has seen as much as before is not a new one, and is thrown away once more, more slowly.
    /// </summary>
    private async Task<string?> ThrowAwayAsync(DesignDocument design, int slower, CancellationToken cancellationToken)
    {
        var before = (await questions.GetIndexAsync(design, cancellationToken))?.Seen ?? 0;
        for (var attempt = slower; attempt < MostAttempts; attempt++)
        {
            if (await ExchangeAsync(design, Pause * (attempt + 1), cancellationToken) is { } failure)
            {
                return failure;
            }

            if (await questions.GetDesignDocumentAsync(design.Id, cancellationToken) is not { } given)
            {
                return null;
            }

            design = given;
            if (await questions.GetIndexAsync(design, cancellationToken) is not { } now || now.Seen == 0 || now.Seen < before)
            {
                return null;
            }
        }

        return InUse;
    }

    /// <summary>
    /// Each shard lets go of its part by itself, and their sum does not tell which did; but an index of Mango has no more rows than there are documents.
    /// Its rows are those of the moment when it was built: documents that were there before it and are deleted since are no fault.
    /// </summary>
    private async Task<bool> HasTooManyRowsAsync(DesignDocument design, long documentsBefore, CancellationToken cancellationToken)
    {
        foreach (var view in design.IsMango ? design.Views : [])
        {
            var rows = await questions.CountRowsAsync(design, view, cancellationToken);
            if (rows > documentsBefore && rows > (await questions.GetInfoAsync(cancellationToken)).Documents)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Null, or why the server refused.</summary>
    private async Task<string?> ExchangeAsync(DesignDocument design, TimeSpan pause, CancellationToken cancellationToken)
    {
        if (!RebuildMark.IsOn(design.Body))
        {
            if (await PutAsync(design, RebuildMark.Set(design.Body), cancellationToken) is { } refused)
            {
                return refused;
            }

            design = (await questions.GetDesignDocumentAsync(design.Id, cancellationToken))!;
        }

        await Task.Delay(pause, cancellationToken);
        var cleaned = await client.AskAsync(HttpMethod.Post, "/_view_cleanup", Nothing, ofServer: false, cancellationToken);
        return await PutAsync(design, RebuildMark.Remove(design.Body), cancellationToken)
            ?? (cleaned.Succeeded ? null : $"The stored index could not be removed: {cleaned.Failure}. Resume the execution.");
    }

    /// <summary>Writes the design document over the revision that it names; sent once, since the server refuses it twice.</summary>
    private async Task<string?> PutAsync(DesignDocument design, RawJson body, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.AskOnceAsync(HttpMethod.Put, design.Path, body, ofServer: false, cancellationToken);
            return answer.Succeeded ? null : $"The server refuses to write {design.Id}: {answer.Failure}. Design documents are written by admins; resume the execution as one.";
        }
        catch (Exception exception) when (CouchErrors.IsTransient(exception))
        {
            throw CouchErrors.LostWrite(client.Store, 1, exception);
        }
    }

    /// <summary>
    /// Asks for no row of the index, which the server answers when it is up to date; an answer that takes longer than one may is asked for again, since the
    /// server goes on building. Null, or why it cannot be built.
    /// </summary>
    private async Task<string?> WarmAsync(DesignDocument design, CancellationToken cancellationToken)
    {
        foreach (var path in await questions.GetWarmingPathsAsync(design, cancellationToken))
        {
            if (await WarmAsync(design, path, cancellationToken) is { } failure)
            {
                return failure;
            }
        }

        return null;
    }

    private async Task<string?> WarmAsync(DesignDocument design, string path, CancellationToken cancellationToken)
    {
        string? failure = null;
        await Watch.WhileAsync(
            async token =>
            {
                try
                {
                    var answer = await client.AskOnceAsync(HttpMethod.Get, path, null, ofServer: false, token);
                    failure = answer.Succeeded ? null : answer.Failure;
                    return false;
                }
                catch (Exception exception) when (CouchErrors.IsTransient(exception) && !token.IsCancellationRequested)
                {
                    // Asked below, where a server that is gone is told from one that is busy.
                    var state = await questions.GetIndexAsync(design, token);
                    context.Progress?.Report(new WorkProgress("Indexing", state?.Seen ?? 0, state?.Seen + state?.Pending, "changes", 0));
                    return true;
                }
            },
            cancellationToken);
        return failure;
    }
}
