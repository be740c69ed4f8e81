using System.IO.Compression;
using IntegrityTools.CouchDb.Client;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>
/// What a gzip file holds, in any number of members. A file that was cut ends in an <see cref="InvalidDataException"/>, once all before the cut is read: the
/// runtime's reader alone takes a cut for the end. So it gets one more member behind the file's, which reads as itself only after whole ones.
/// </summary>
internal sealed class GzipContent : ForwardStream
{
    private static readonly byte[] Mark = "the end of the file"u8.ToArray();
    private readonly Feed feed;
    private readonly GZipStream members;

    /// <summary>Reads from a stream's place on, and closes it with itself.</summary>
    public GzipContent(Stream file)
    {
        feed = new Feed(file);
        members = new GZipStream(feed, CompressionMode.Decompress);
    }

    /// <summary>True once all was read and nothing else follows: what is appended to such a file can be read.</summary>
    public bool AtEnd { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (AtEnd || buffer.IsEmpty)
        {
            return 0;
        }

        try
        {
            // Input is asked for only when all before it has been given out: what comes after the last byte of the file comes from the mark.
            var count = await members.ReadAsync(buffer, cancellationToken);
            if (!feed.Ended)
            {
                return count;
            }

            var end = new byte[Mark.Length + 1];
            var first = Math.Min(count, end.Length);
            buffer.Span[..first].CopyTo(end);
            var length = first + await members.ReadAtLeastAsync(end.AsMemory(first), end.Length - first, throwOnEndOfStream: false, cancellationToken);
            AtEnd = end.AsSpan(0, length).SequenceEqual(Mark);
        }
        catch (InvalidDataException) when (feed.Ended)
        {
            // The mark, read as the rest of what was cut.
        }

        return AtEnd ? 0 : throw new InvalidDataException("it ends in the middle");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            members.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The file, and after it the mark as a member of its own.</summary>
    private sealed class Feed(Stream file) : ForwardStream
    {
        private MemoryStream? mark;

        public bool Ended => mark is not null;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (mark is null && await file.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                return count;
            }

            mark ??= Compressed();
            return mark.Read(buffer.Span);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                file.Dispose();
            }

            base.Dispose(disposing);
        }

        private static MemoryStream Compressed()
        {
            var compressed = new MemoryStream();
            using (var member = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            {
                member.Write(Mark);
            }

            compressed.Position = 0;
            return compressed;
        }
    }
}
