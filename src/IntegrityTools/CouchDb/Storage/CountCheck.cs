using System.Globalization;
using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>
/// Asks the same in several ways: how many documents there are, how many rows an index has. Answers are compared only when nothing was written
/// between them, which the update sequence before and after tells, and when every copy of an index has seen all.
/// </summary>
internal sealed class CountCheck(StorageQuestions questions, StorageIssues issues)
{
    private const int Tries = 3;

    /// <summary>What the server told about the database last; null: it was not asked yet.</summary>
    public DatabaseInfo? Latest { get; private set; }

    /// <summary>The issue that there is with the number of documents.</summary>
    /// <param name="before">What the server told before the scan's passes.</param>
    /// <param name="counted">What those counted.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IntegrityIssue?> CountDocumentsAsync(DatabaseInfo before, PassCounts counted, CancellationToken cancellationToken)
    {
        // Where nothing is written, what was told before the passes is one of the two answers between which is asked; else there are as many tries again.
        var info = before;
        for (var attempt = 0; attempt <= Tries; attempt++)
        {
            var listed = await questions.CountAllDocsAsync(cancellationToken);
            var (first, after) = (info, await AskAsync(cancellationToken));
            info = after;
            if (Sequence(first) != Sequence(after) || first.Documents != after.Documents)
            {
                continue;
            }

            var unchanged = Sequence(before) == Sequence(after);
            var answers = new[]
            {
                new CountAnswer("doc_count", after.Documents),
                new CountAnswer("_all_docs total_rows", listed ?? after.Documents),
                new CountAnswer("_all_docs rows", unchanged && counted.Listed is { } rows ? rows : after.Documents),
                new CountAnswer("_changes rows less doc_del_count", unchanged && counted.Changed is { } feed && after.DeletedDocuments is { } deleted ? feed - deleted : after.Documents),
            };
            return answers.All(answer => answer.Count == after.Documents) ? null
                : Issue(after.Name, "How many documents are there?", answers, after, null);
        }

        return null; // Others write without a pause: nothing can be said.
    }

    /// <summary>The issues that there are with the rows of indexes.</summary>
    /// <param name="designs">The design documents that have views.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<IntegrityIssue>> CountIndexesAsync(IReadOnlyCollection<DesignDocument> designs, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var before = Latest ?? await AskAsync(cancellationToken);
            var counts = new List<IndexCount>();
            foreach (var design in designs)
            {
                counts.AddRange(await CountAsync(design, cancellationToken));
            }

            var after = await AskAsync(cancellationToken);
            if (Sequence(before) == Sequence(after))
            {
                return Compare(counts, after);
            }
        }

        return [];
    }

    private async Task<DatabaseInfo> AskAsync(CancellationToken cancellationToken)
    {
        var info = await questions.GetInfoAsync(cancellationToken);
        Latest = info;
        return info;
    }

    /// <summary>The rows of each view, when all copies of the index have seen all that there is, before the question and after it.</summary>
    private async Task<IReadOnlyList<IndexCount>> CountAsync(DesignDocument design, CancellationToken cancellationToken)
    {
        var counts = new List<IndexCount>();
        if (await questions.GetIndexAsync(design, cancellationToken) is not { PendingInAll: 0 } state)
        {
            return counts;
        }

        foreach (var view in design.Views)
        {
            var rows = await questions.CountRowsAsync(design, view, cancellationToken);
            var reduced = view.Reduce == "_count" ? await questions.ReadViewAsync(design, view, reduced: true, cancellationToken) : [];
            if (rows is { } first && await questions.CountRowsAsync(design, view, cancellationToken) is { } second)
            {
                // Of an index that is asked by partition the reductions are of some partitions only.
                counts.Add(new IndexCount(design, view, first, second, reduced is [var whole] && (design.IsGlobal || Latest is { Partitioned: false }) ? Reduction(whole) : null));
            }
        }

        return await questions.GetIndexAsync(design, cancellationToken) is { PendingInAll: 0 } then && then.Signature == state.Signature ? counts : [];
    }

    private static long? Reduction(ServerAnswer answer) =>
        answer.Member("rows") is not { ValueKind: JsonValueKind.Array } rows ? null
            : rows.GetArrayLength() == 0 ? 0
            : rows[0].TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private List<IntegrityIssue> Compare(List<IndexCount> counts, DatabaseInfo info)
    {
        var found = new List<IntegrityIssue>();
        foreach (var count in counts)
        {
            var answers = new List<CountAnswer> { new(count.Name + " total_rows", count.Rows) };
            if (count.RowsAgain != count.Rows)
            {
                answers.Add(new CountAnswer(count.Name + " total_rows, asked again", count.RowsAgain));
            }

            if (count.Reduction is { } reduction && reduction != count.Rows)
            {
                answers.Add(new CountAnswer(count.Name + " _count", reduction));
            }

            // Of one definition all indexes have the same rows; a Mango index has no more than one a document.
            answers.AddRange(counts
                .Where(other => other.Definition == count.Definition && other.Rows != count.Rows)
                .Select(other => new CountAnswer(other.Name + " total_rows", other.Rows)));
            if (count.Design.IsMango && count.Rows > info.Documents)
            {
                answers.Add(new CountAnswer("doc_count", info.Documents));
            }

            if (answers.Count > 1)
            {
                found.Add(Issue(count.Design.Id, $"How many rows has the index of {count.View.Name}?", answers, info, count.Design));
            }
        }

        return found;
    }

    private IntegrityIssue Issue(string subject, string question, IReadOnlyList<CountAnswer> answers, DatabaseInfo info, DesignDocument? design) => issues.Of(
        IssueTypes.CountMismatch,
        Severity.High,
        subject,
        question,
        $"{question} {string.Join(", ", answers.Select(answer => string.Create(CultureInfo.InvariantCulture, $"{answer.Source}: {answer.Count}")))}, while nothing was written.",
        new CountEvidence { Question = question, Answers = answers, Sequence = info.UpdateSequence, Design = design?.Id, Revision = design?.Revision },
        canAutoResolve: design is not null);

    /// <summary>The number at the head of a sequence: the sum of the shards' own. The rest differs from answer to answer though nothing was written.</summary>
    private static string? Sequence(DatabaseInfo info) => info.UpdateSequence?.Split('-')[0];

    private sealed record IndexCount(DesignDocument Design, DesignView View, long Rows, long RowsAgain, long? Reduction)
    {
        public string Name => $"{Design.Id}/_view/{View.Name}";

        public string Definition => $"{Design.Language} {Design.Scope} {View.Map}";
    }
}
