using System.Globalization;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>Holds the size of a database's files against what is in use in them.</summary>
internal sealed class SizeCheck(StorageQuestions questions, RevisionSample sample, StorageIssues issues)
{
    // CouchDB's own compaction daemon, too, waits for twice the size; below a megabyte there is nothing to win.
    private const int Ratio = 2;
    private const long Least = 1024 * 1024;

    /// <summary>The issue, when a compaction is worth it and none is running.</summary>
    public async Task<IntegrityIssue?> RunAsync(DatabaseInfo info, IReadOnlyDictionary<DesignDocument, IndexState> indexes, CancellationToken cancellationToken)
    {
        if (info is not { FileSize: { } file, ActiveSize: { } active, CompactRunning: false })
        {
            return null;
        }

        var wasteful = indexes.Where(index => !index.Value.CompactRunning && IsWasteful(index.Value.FileSize, index.Value.ActiveSize)).ToList();
        if (!IsWasteful(file, active) && wasteful.Count == 0)
        {
            return null;
        }

        var (sampling, limit) = (sample.TakeAsync(cancellationToken), questions.GetRevisionLimitAsync(cancellationToken));
        await Task.WhenAll(sampling, limit);
        var (documents, revisions) = await sampling;
        var evidence = new SizeEvidence
        {
            FileSize = file,
            ActiveSize = active,
            ExternalSize = info.ExternalSize,
            Indexes = indexes.ToDictionary(index => index.Key.Id, index => new IndexSize(index.Value.FileSize, index.Value.ActiveSize)),
            RevisionLimit = await limit,
            SampledDocuments = documents,
            SampledOldRevisions = revisions,
        };
        return issues.Of(
            IssueTypes.OrphanedRevisions, Severity.Low, info.Name, info.Name, Sentence(evidence, wasteful.Select(index => index.Key.Id)), evidence, canAutoResolve: true);
    }

    /// <summary>Bytes for a person.</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        var (size, unit) = ((double)bytes, 0);
        for (; size >= 1000 && unit < units.Length - 1; unit++)
        {
            size /= 1000;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {units[unit]}");
    }

    /// <summary>Whether a compaction is worth it.</summary>
    public static bool IsWasteful(long file, long active) => file >= Ratio * active && file - active >= Least;

    private static string Sentence(SizeEvidence evidence, IEnumerable<string> indexes)
    {
        var old = evidence.SampledOldRevisions == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $" Of {evidence.SampledDocuments} documents from all over the database {evidence.SampledOldRevisions} bodies of old revisions are still there.");
        var views = string.Join(", ", indexes);
        return $"{Bytes(evidence.FileSize)} on disk hold {Bytes(evidence.ActiveSize)} of data{(views.Length == 0 ? "" : $"; so does the index of {views}")}: "
            + $"a compaction gives back about {Bytes(evidence.Reclaimable)}.{old}";
    }
}
