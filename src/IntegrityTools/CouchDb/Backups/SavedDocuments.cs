using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>Reads the documents of a chain in batches: each document once, as its newest link has it. What it gives is good until it is disposed of.</summary>
/// <param name="chain">The chain, oldest first.</param>
/// <param name="subjects">Only these documents; empty: all.</param>
/// <param name="skipDamaged">True to leave out the lines of another program's dump that cannot be read.</param>
/// <param name="keepsAttachments">True to have the data of large attachments, which goes with the document or with this; false to know its length and digest.</param>
internal sealed class SavedDocuments(IReadOnlyList<BackupManifest> chain, IReadOnlyList<string> subjects, bool skipDamaged = false, bool keepsAttachments = false) : IAsyncDisposable
{
    private const int MostDocuments = 500;
    private const long MostBytes = 4 << 20;

    private readonly HashSet<string> wanted = [.. subjects];
    private readonly HashSet<string> found = new(StringComparer.Ordinal);
    private readonly HeldFiles? attachments = keepsAttachments ? new HeldFiles() : null;
    private readonly List<DumpSource> indexed = [];

    /// <summary>What cannot be read of another program's dump, by lines; known once reading has begun.</summary>
    public IReadOnlyList<string> Damaged { get; private set; } = [];

    /// <summary>The documents that were asked for and are not in the chain; known once all was read.</summary>
    public IEnumerable<string> NotFound => wanted.Except(found).Order(StringComparer.Ordinal);

    /// <summary>In how many places, in words.</summary>
    public string DamagedPlaces => Counted.Of(Damaged.Count, "place");

    /// <summary>The file of a link that holds something; null when it has none.</summary>
    public static string? PathOf(BackupManifest link, string role) => link.Files.FirstOrDefault(file => file.Role == role) is { } found
        ? Path.Combine(Path.GetDirectoryName(link.Path)!, found.Name)
        : null;

    /// <summary>The documents, batch by batch, bounded by number and bytes.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.DamagedFile"/>: something cannot be read, although the files' digests are right.</exception>
    public async IAsyncEnumerable<IReadOnlyList<SavedDocument>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Only documents of incremental links are remembered, as digests: of the oldest, which is all, nothing comes after.
        var seen = new HashSet<ShortDigest>();
        for (var index = chain.Count - 1; index >= 0; index--)
        {
            var batch = new List<SavedDocument>();
            var bytes = 0L;
            await foreach (var document in ReadAsync(chain[index], cancellationToken).ConfigureAwait(false))
            {
                if ((wanted.Count > 0 && !wanted.Contains(document.Id))
                    || (chain.Count > 1 && (index > 0 ? !seen.Add(ShortDigest.Of(document.Id)) : seen.Contains(ShortDigest.Of(document.Id)))))
                {
                    document.Dispose();
                    continue;
                }

                if (wanted.Count > 0)
                {
                    found.Add(document.Id);
                }

                batch.Add(document);
                bytes += document.Length;
                if (batch.Count == MostDocuments || bytes >= MostBytes)
                {
                    yield return batch;
                    batch = [];
                    bytes = 0;
                }
            }

            if (batch.Count > 0)
            {
                yield return batch;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        attachments?.Dispose();
        foreach (var dump in indexed)
        {
            await dump.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<SavedDocument> ReadAsync(BackupManifest link, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = PathOf(link, "documents")!;
        if (link.Continued || link.Method == BackupManifest.ForeignDump)
        {
            // Its documents may stand anywhere in it, or twice; some lines of another program's may be broken.
            var dump = new DumpSource(path, link.Continued);
            indexed.Add(dump);
            await dump.OpenAsync(cancellationToken).ConfigureAwait(false);
            Damaged = dump.Damaged;
            if (Damaged.Count > 0 && !skipDamaged)
            {
                throw new IntegrityException(
                    ErrorIds.DamagedFile, $"The dump cannot be read in {DamagedPlaces}, so nothing was restored; the first is {Damaged[0]}.", path,
                    $"Mend the lines, which {CommandWords.Command("integrity scan", "Get-IntegrityIssue")} lists, or restore without what they hold: {CommandWords.Option("--skip-damaged", "-SkipDamaged")}.");
            }

            await foreach (var all in dump.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return new SavedDocument(all, path);
            }

            yield break;
        }

        await foreach (var document in ReadAsync(path, attachments, cancellationToken).ConfigureAwait(false))
        {
            yield return document;
        }
    }

    /// <summary>The documents of a dump of ours, whose revisions stand together.</summary>
    private static async IAsyncEnumerable<SavedDocument> ReadAsync(
        string path, HeldFiles? attachments, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        await using var content = DumpFile.Uncompress(file);
        var reader = new DumpReader(content, attachments);
        var revisions = new List<DocumentRevision>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { } entry)
        {
            var revision = Parse(path, entry);
            if (revisions.Count > 0 && revisions[0].Id != revision.Id)
            {
                yield return new SavedDocument(revisions, path);
                revisions = [];
            }

            revisions.Add(revision);
        }

        if (revisions.Count > 0)
        {
            yield return new SavedDocument(revisions, path);
        }
    }

    private static DocumentRevision Parse(string path, DumpEntry entry)
    {
        try
        {
            return entry.Fault is null ? DocumentReader.Read(entry.Bytes.ToArray(), entry.Held) : throw new JsonException(entry.Fault);
        }
        catch (JsonException exception)
        {
            throw new IntegrityException(
                ErrorIds.DamagedFile, $"Line {entry.Line} of the backup cannot be read: {exception.Message}", path, "Take another backup.", exception);
        }
    }
}
