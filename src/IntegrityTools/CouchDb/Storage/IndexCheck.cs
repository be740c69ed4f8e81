using System.Globalization;
using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>Looks whether the index of a design document can be built and read, and how far it is behind.</summary>
internal sealed class IndexCheck(StorageQuestions questions, StorageIssues issues)
{
    // Up to there an index is behind because somebody has just written: the next query brings it up to date unnoticed.
    private const int LeastPending = 10;
    private const double LeastShare = 0.01;
    private const double LargeShare = 0.5;
    private const int Sample = 10;

    // The words by which CouchDB's file reader tells that it met something else than it wrote.
    private static readonly string[] Damages = ["read_beyond_eof", "file_corruption", "file_truncate_error", "checksum"];

    /// <summary>The issue; null when there is none. An index that is being brought up to date is left in peace.</summary>
    public async Task<IntegrityIssue?> RunAsync(DesignDocument design, IndexState state, CancellationToken cancellationToken)
    {
        foreach (var view in design.Views)
        {
            if (await DamageAsync(design, view, cancellationToken) is { } damage)
            {
                return Broken(design, state, view, $"what is stored of it cannot be read ({damage})", damage, damaged: true);
            }

            if (view.Reduce is not null && await ReduceFailureAsync(design, view, cancellationToken) is { } reduce)
            {
                return Broken(design, state, view, $"its reduction fails ({reduce})", reduce);
            }

            if (state is { Pending: > 0, UpdaterRunning: false } && !design.IsMango
                && BuildFailure(await questions.TryMapAsync(design, view, Sample, cancellationToken)) is { } failure)
            {
                return Broken(design, state, view, $"{failure.What} ({failure.Error})", failure.Error);
            }
        }

        return Stale(design, state);
    }

    /// <summary>
    /// What ends the build of an index, of all that trying its function can answer; null for what a build survives: a view passes over a
    /// document at which its function throws an exception, which the answer names in quotes, while failures of the server's own have a bare name.
    /// </summary>
    public static (string What, string Error)? BuildFailure(ServerAnswer answer)
    {
        var reason = answer.Reason ?? "";
        return answer.Succeeded || (int)answer.Status < 500 || reason.StartsWith("{<<", StringComparison.Ordinal) ? null
            : (reason.Contains("compilation_error", StringComparison.Ordinal) ? "it does not compile"
                : reason.Contains("unknown_query_language", StringComparison.Ordinal) ? "the server does not know its language"
                : "its function ends the build", Short(reason));
    }

    // The words of an Erlang term up to the trace of where it happened.
    private static string Short(string reason)
    {
        var end = reason.IndexOf("[{", StringComparison.Ordinal);
        var text = string.Join(' ', (end > 0 ? reason[..end] : reason).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Trim('{', ',', ' ', '}');
        return text.Length > 200 ? text[..200] + "…" : text;
    }

    private async Task<string?> DamageAsync(DesignDocument design, DesignView view, CancellationToken cancellationToken) =>
        (await questions.ReadViewAsync(design, view, reduced: false, cancellationToken)).Select(Damage).FirstOrDefault(damage => damage is not null);

    // Other failures may pass: a shard whose node is away, a server that is overloaded.
    private static string? Damage(ServerAnswer answer) =>
        (int)answer.Status >= 500 && answer.Reason is { } reason && Array.Exists(Damages, word => reason.Contains(word, StringComparison.Ordinal)) ? Short(reason) : null;

    private async Task<string?> ReduceFailureAsync(DesignDocument design, DesignView view, CancellationToken cancellationToken) =>
        (await questions.ReadViewAsync(design, view, reduced: true, cancellationToken)).Select(ReduceFailure).FirstOrDefault(failure => failure is not null);

    private static string? ReduceFailure(ServerAnswer answer)
    {
        if (answer.Error == "compilation_error")
        {
            return Short(answer.Reason ?? answer.Failure);
        }

        // A built-in reduction that meets values which it cannot take answers with an error in the place of its value.
        return answer.Member("rows") is { ValueKind: JsonValueKind.Array } rows && rows.GetArrayLength() == 1
            && rows[0].TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Object
            && value.TryGetProperty("error", out var error) && error.ValueEquals("builtin_reduce_error")
            && value.TryGetProperty("reason", out var reason) ? Short(reason.ToString()) : null;
    }

    private IntegrityIssue Broken(DesignDocument design, IndexState state, DesignView view, string why, string error, bool damaged = false) => issues.Of(
        IssueTypes.BrokenIndex,
        Severity.High,
        design.Id,
        view.Name,
        $"The index of {view.Name} is broken: {why}.",
        Evidence(design, state) with { Views = [view.Name], Error = error, Damaged = damaged },
        canAutoResolve: damaged);

    private IntegrityIssue? Stale(DesignDocument design, IndexState state)
    {
        var share = state.Pending / (double)Math.Max(1, state.Pending + state.Seen);
        return state.UpdaterRunning || state.Pending < LeastPending || share < LeastShare ? null : issues.Of(
            IssueTypes.StaleIndex,
            share >= LargeShare ? Severity.Medium : Severity.Low,
            design.Id,
            state.Signature ?? design.Id,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The index is {state.Pending:N0} of {Counted.Of(state.Pending + state.Seen, "change")} behind ({share:P0}) and nothing brings it up to date: the next query of {string.Join(", ", design.Views.Select(view => view.Name))} waits for it."),
            Evidence(design, state),
            canAutoResolve: true);
    }

    private static IndexEvidence Evidence(DesignDocument design, IndexState state) => new()
    {
        Design = design.Id,
        Revision = design.Revision,
        Views = [.. design.Views.Select(view => view.Name)],
        Pending = state.Pending,
        Seen = state.Seen,
    };
}
