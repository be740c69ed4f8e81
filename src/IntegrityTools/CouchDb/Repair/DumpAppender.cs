using System.IO.Compression;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Appends lines of documents to the copy of a dump; to a compressed one as one more gzip member, which every reader takes as one stream.</summary>
internal sealed class DumpAppender : IAsyncDisposable
{
    private const int DocumentsPerLine = 100;

    private readonly Stream target;
    private readonly bool owned;
    private int inLine;
    private bool atLineStart;

    private DumpAppender(Stream target, bool owned, bool atLineStart)
    {
        this.target = target;
        this.owned = owned;
        this.atLineStart = atLineStart;
    }

    /// <summary>
    /// Looks how the dump ends. Where it is compressed and cut, nothing that follows could be read: what comes before the cut takes the copy's place, compressed
    /// anew. Where documents stand twice in it, what is appended would count alone: what counts of the dump takes the copy's place.
    /// </summary>
    /// <param name="dump">The old dump.</param>
    /// <param name="copy">Its copy, at its end.</param>
    /// <param name="continued">The dump, when documents may stand twice in it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">It is no dump that can be appended to.</exception>
    public static async Task<DumpAppender> OpenAsync(string dump, FileStream copy, DumpSource? continued, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(dump, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        await using var content = DumpFile.Uncompress(file);
        if (content is AllDocsStream)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState, "The file is an answer of _all_docs and no dump with a document a line: nothing can be appended to it.", dump,
                $"Restore it into a database and repair that, or make a dump with {CommandWords.Command("integrity backup", "Backup-IntegrityStore")}.");
        }

        if (continued is not null)
        {
            copy.SetLength(0);
            var anew = content is GzipContent
                ? new DumpAppender(new GZipStream(copy, CompressionLevel.Optimal, leaveOpen: true), owned: true, atLineStart: true)
                : new DumpAppender(copy, owned: false, atLineStart: true);
            await anew.WriteAllAsync(continued, cancellationToken).ConfigureAwait(false);
            return anew;
        }

        if (content is not GzipContent)
        {
            file.Position = Math.Max(0, file.Length - 1);
            return new DumpAppender(copy, owned: false, file.Length == 0 || file.ReadByte() == '\n');
        }

        var last = await CopyAsync(content, Stream.Null, cancellationToken).ConfigureAwait(false);
        if (content is GzipContent { AtEnd: true })
        {
            return new DumpAppender(new GZipStream(copy, CompressionLevel.Optimal, leaveOpen: true), owned: true, last == '\n');
        }

        file.Position = 0;
        copy.SetLength(0);
        await using var again = DumpFile.Uncompress(file);
        var member = new GZipStream(copy, CompressionLevel.Optimal, leaveOpen: true);
        last = await CopyAsync(again, member, cancellationToken).ConfigureAwait(false);
        return new DumpAppender(member, owned: true, last == '\n');
    }

    /// <summary>Copies what can be read, and tells its last byte.</summary>
    private static async Task<int> CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var last = (int)'\n';
        var buffer = new byte[1 << 16];
        try
        {
            for (int count; (count = await from.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0; last = buffer[count - 1])
            {
                await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (InvalidDataException)
        {
            // Where it is cut or damaged is told by whoever reads its documents.
        }

        return last;
    }

    /// <summary>Appends one revision, the data of its attachments as base64 in its place.</summary>
    public async ValueTask WriteAsync(DocumentRevision revision, CancellationToken cancellationToken)
    {
        if (!atLineStart)
        {
            await target.WriteAsync("\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
            atLineStart = true;
        }

        await target.WriteAsync(inLine == 0 ? "["u8.ToArray() : ","u8.ToArray(), cancellationToken).ConfigureAwait(false);
        await foreach (var piece in HeldText.InlineAsync(revision.Body, revision.Held, cancellationToken).ConfigureAwait(false))
        {
            await target.WriteAsync(DumpLine.Of(new RawJson(piece)), cancellationToken).ConfigureAwait(false);
        }

        if (++inLine == DocumentsPerLine)
        {
            await EndLineAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the last line, and the gzip member.</summary>
    public async ValueTask DisposeAsync()
    {
        if (inLine > 0)
        {
            await EndLineAsync().ConfigureAwait(false);
        }

        if (owned)
        {
            await target.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task WriteAllAsync(DumpSource dump, CancellationToken cancellationToken)
    {
        await foreach (var document in dump.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var revision in document)
            {
                await WriteAsync(revision, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask EndLineAsync()
    {
        await target.WriteAsync("]\n"u8.ToArray()).ConfigureAwait(false);
        inLine = 0;
    }
}
