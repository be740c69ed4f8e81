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

    /// <summary>True when the dump is compressed.</summary>
    public bool Compressed => owned;

    /// <summary>Looks how the dump ends, and whether one can append to it at all.</summary>
    /// <param name="dump">The old dump.</param>
    /// <param name="copy">Its copy, at its end.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException">It is compressed and cut: what follows a cut could not be read.</exception>
    public static async Task<DumpAppender> OpenAsync(string dump, FileStream copy, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(dump, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        await using var content = DumpReader.Uncompress(file);
        if (content is AllDocsStream)
        {
            throw new IntegrityException(
                ErrorIds.InvalidState, "The file is an answer of _all_docs and no dump with a document a line: nothing can be appended to it.", dump,
                "Restore it into a database and repair that, or make a dump with 'integrity backup'.");
        }

        if (content is not GZipStream)
        {
            file.Position = Math.Max(0, file.Length - 1);
            return new DumpAppender(copy, owned: false, file.Length == 0 || file.ReadByte() == '\n');
        }

        var last = (int)'\n';
        var buffer = new byte[1 << 16];
        try
        {
            for (var count = 1; count > 0;)
            {
                count = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                last = count > 0 ? buffer[count - 1] : last;
            }
        }
        catch (InvalidDataException exception)
        {
            throw new IntegrityException(
                ErrorIds.DamagedFile,
                $"The compressed dump is cut or damaged, and what is appended after a cut cannot be read: {exception.Message}",
                dump,
                "Unpack what can be read ('gzip -dc') into a plain file and repair that one.",
                exception);
        }

        return new DumpAppender(new GZipStream(copy, CompressionLevel.Optimal, leaveOpen: true), owned: true, last == '\n');
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

    private async ValueTask EndLineAsync()
    {
        await target.WriteAsync("]\n"u8.ToArray()).ConfigureAwait(false);
        inLine = 0;
    }
}
