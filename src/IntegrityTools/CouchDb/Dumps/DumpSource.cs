using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>
/// Reads revisions from a dump. The file is read once from start to end for an index of places; afterwards only those revisions
/// are read that somebody asks for. A compressed dump is unpacked on the way into a temporary file that no name survives.
/// </summary>
/// <param name="path">The dump.</param>
/// <param name="continued">True when it is known that documents may stand twice in it, and count as they stand last; else its header says so.</param>
internal sealed class DumpSource(string path, bool continued = false) : ICouchSource
{
    private const int ReportedFaults = 1000;
    private readonly SemaphoreSlim opening = new(1, 1);
    private readonly List<EntryEvidence> unreadable = [];
    private DumpIndex? index;
    private DumpContent? content;
    private long length;
    private long read;

    /// <inheritdoc/>
    public long? ExpectedDocuments => index?.Documents;

    /// <inheritdoc/>
    public (long Done, long Total)? Reading => index is null && Interlocked.Read(ref length) is > 0 and var total ? (Interlocked.Read(ref read), total) : null;

    /// <inheritdoc/>
    public IReadOnlyList<EntryEvidence> UnreadableEntries => unreadable;

    /// <summary>The same in words, a line each.</summary>
    public IReadOnlyList<string> Damaged => [.. unreadable.Select(entry => string.Create(CultureInfo.InvariantCulture, $"line {entry.Line}: {entry.Reason.TrimEnd('.')}"))];

    /// <summary>Of a file that holds winners only the first document that names conflicts; null when none does. Known once it was opened.</summary>
    public string? InConflict { get; private set; }

    /// <summary>How many do.</summary>
    public long InConflicts { get; private set; }

    /// <summary>True when documents may stand twice in it, of which the earlier do not count; known once it was opened.</summary>
    public bool IsContinued { get; private set; } = continued;

    /// <inheritdoc/>
    public async IAsyncEnumerable<LeafEntry> ReadConflictCandidatesAsync(
        ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var places = await OpenAsync(cancellationToken);
        statistics.AddDocuments(places.Documents);
        foreach (var run in places.Repeated())
        {
            var revisions = await ReadAsync(run, cancellationToken);
            var leaves = LeavesOf(revisions);
            if (leaves.Count > 1 && leaves.Any(leaf => !leaf.Deleted))
            {
                yield return new LeafEntry(leaves[0].Id, [.. leaves.Select(leaf => leaf.Revision)]);
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DocumentBody> ReadDocumentsAsync(
        ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var places = await OpenAsync(cancellationToken);
        var forward = new ForwardReader(content!.Handle);
        foreach (var run in places.InFileOrder())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var winner = run is [{ Length: <= AttachmentCutter.LargeDocument } only] ? content.Read(forward, only.Offset, only.Length) : LeafSet.Of("", LeavesOf(await ReadAsync(run, cancellationToken))).Winner;
            if (!winner.Deleted)
            {
                statistics.AddDocuments(1);
                yield return new DocumentBody(winner.Id, winner.Body.Utf8);
            }
        }
    }

    /// <summary>All revisions of each document, wherever they stand in the file.</summary>
    public async IAsyncEnumerable<IReadOnlyList<DocumentRevision>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var places = await OpenAsync(cancellationToken);
        foreach (var run in places.InFileOrder())
        {
            yield return await ReadAsync(run, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DocumentRevision> ReadRevisionsAsync(
        IReadOnlyList<RevisionRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var places = await OpenAsync(cancellationToken);
        foreach (var group in requests.GroupBy(request => request.Id, StringComparer.Ordinal))
        {
            var wanted = group.Select(request => request.Revision).ToHashSet();
            foreach (var place in places.Find(group.Key))
            {
                var revision = await content!.ReadAsync(place.Offset, place.Length, cancellationToken);
                if (revision.Id == group.Key && wanted.Remove(revision.Revision))
                {
                    yield return revision;
                }
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LeafSet> ReadLeavesAsync(
        IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var places = await OpenAsync(cancellationToken);
        foreach (var id in ids)
        {
            var leaves = LeavesOf(await ReadAsync(places.Find(id), cancellationToken));
            if (leaves.Count > 0)
            {
                yield return LeafSet.Of(id, leaves);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<DocumentRevision?> ReadWithAttachmentsAsync(RevisionRequest request, CancellationToken cancellationToken)
    {
        await foreach (var revision in ReadRevisionsAsync([request], cancellationToken))
        {
            return revision;
        }

        return null;
    }

    /// <inheritdoc/>
    public Task<DocumentRevision?> HoldAsync(DocumentRevision revision, CancellationToken cancellationToken) => Task.FromResult<DocumentRevision?>(revision);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        opening.Dispose();
        if (content is not null)
        {
            await content.File.DisposeAsync();
        }
    }

    /// <summary>The revisions that no other one has in its history; the same revision listed twice is one.</summary>
    internal static IReadOnlyList<DocumentRevision> LeavesOf(IReadOnlyList<DocumentRevision> revisions)
    {
        var inner = revisions.SelectMany(revision => revision.History.Skip(1)).ToHashSet();
        return [.. revisions.DistinctBy(revision => revision.Revision).Where(revision => !inner.Contains(revision.Revision))];
    }

    private async Task<List<DocumentRevision>> ReadAsync(IReadOnlyList<(long Offset, int Length)> places, CancellationToken cancellationToken)
    {
        var revisions = new List<DocumentRevision>(places.Count);
        foreach (var place in places)
        {
            revisions.Add(await content!.ReadAsync(place.Offset, place.Length, cancellationToken));
        }

        return revisions;
    }

    /// <summary>Reads the file once, if that was not done yet: <see cref="UnreadableEntries"/> are known then.</summary>
    public async Task<DumpIndex> OpenAsync(CancellationToken cancellationToken)
    {
        await opening.WaitAsync(cancellationToken);
        try
        {
            return index ??= await BuildAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IntegrityException(ErrorIds.StoreNotFound, $"There is no file '{path}'.", path, "Check the path.", exception);
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            throw NoDump.OfFolder(path);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IntegrityException(ErrorIds.AccessDenied, $"'{path}' may not be read.", path, "Check the file's permissions.", exception);
        }
        catch (IOException exception)
        {
            throw new IntegrityException(
                ErrorIds.StoreUnavailable, $"'{path}' cannot be read: {exception.Message}", path,
                "Check the disk; a compressed dump also needs room for its unpacked form in the temporary folder.", exception);
        }
        finally
        {
            opening.Release();
        }
    }

    private async Task<DumpIndex> BuildAsync(CancellationToken cancellationToken)
    {
        unreadable.Clear();
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        Interlocked.Exchange(ref length, file.Length);
        var unpacked = DumpFile.Uncompress(file);
        var (compressed, answer) = (!ReferenceEquals(unpacked, file), unpacked is AllDocsStream);
        FileStream? spill = null;
        try
        {
            if (!ReferenceEquals(unpacked, file))
            {
                spill = UnnamedFile.Create();
                unpacked = new CopyingStream(unpacked, spill);
            }

            var places = await IndexAsync(new DumpReader(unpacked), file, compressed, answer, cancellationToken);
            if (spill is not null)
            {
                await spill.FlushAsync(cancellationToken);
            }

            content = new DumpContent(path, spill ?? file);
            return places;
        }
        finally
        {
            if (!ReferenceEquals(content?.File, file))
            {
                await file.DisposeAsync();
            }

            if (spill is not null && !ReferenceEquals(content?.File, spill))
            {
                await spill.DisposeAsync();
            }
        }
    }

    private async Task<DumpIndex> IndexAsync(DumpReader reader, FileStream file, bool compressed, bool answer, CancellationToken cancellationToken)
    {
        var places = new DumpIndex();
        var faults = 0L;
        var documents = 0L;
        var winnersOnly = DumpFile.HoldsWinnersOnly(path);
        while (await reader.ReadAsync(cancellationToken) is { } entry)
        {
            Interlocked.Exchange(ref read, file.Position);
            var fault = entry.Fault;
            if (fault is null)
            {
                try
                {
                    var id = DocumentReader.Read(entry.Bytes).Id;
                    places.Add(id, entry.Offset, entry.Length);
                    documents++;
                    if (winnersOnly && DumpFile.NamesConflicts(entry.Bytes.Span))
                    {
                        InConflict ??= id;
                        InConflicts++;
                    }
                }
                catch (JsonException exception)
                {
                    fault = entry.Place > 1 ? string.Create(CultureInfo.InvariantCulture, $"value {entry.Place} of the line: {exception.Message}") : exception.Message;
                }
            }

            if (fault is not null && faults++ < ReportedFaults)
            {
                unreadable.Add(new EntryEvidence(path, entry.Line, fault));
            }
        }

        if (documents == 0 && faults > 0 && !reader.HasHeader)
        {
            throw NoDump.Of(path, file, unreadable[0]);
        }

        if (reader.HoldsNothing && !answer)
        {
            throw NoDump.OfNothing(path, compressed);
        }

        if (faults > ReportedFaults)
        {
            unreadable.Add(new EntryEvidence(path, unreadable[^1].Line, $"{faults - ReportedFaults} more places cannot be read"));
        }

        IsContinued |= reader.IsContinued;
        places.Complete(lastOnly: IsContinued);
        return places;
    }
}
