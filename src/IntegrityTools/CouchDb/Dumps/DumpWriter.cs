using System.IO.Compression;
using System.Security.Cryptography;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>
/// Writes a dump: a header line that couchrestore takes, then arrays of raw documents. The file has its name only when all of it
/// is on disk; until then, and after a failure, there is nothing under that name.
/// </summary>
internal sealed class DumpWriter : IAsyncDisposable
{
    private readonly string path;
    private readonly string temporary;
    private readonly int batchSize;
    private readonly FileStream file;
    private readonly HashingStream hashed;
    private readonly Stream target;
    private int inLine;
    private bool completed;

    /// <summary>Begins a dump.</summary>
    /// <param name="path">The file to be; what stands there is replaced at the end.</param>
    /// <param name="attachments">True when documents hold their attachments' data: couchrestore then asks for its --attachments option.</param>
    /// <param name="compress">True for gzip.</param>
    /// <param name="batchSize">Documents a line.</param>
    public DumpWriter(string path, bool attachments, bool compress = false, int batchSize = 100)
    {
        this.path = Path.GetFullPath(path);
        this.batchSize = batchSize;
        temporary = TemporaryFiles.NameFor(this.path);
        TemporaryFiles.RemoveAbandoned(Path.GetDirectoryName(this.path)!);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        file = new FileStream(temporary, options);
        hashed = new HashingStream(file);
        target = compress ? new GZipStream(hashed, CompressionLevel.Fastest, leaveOpen: true) : hashed;
        target.Write(attachments
            ? "{\"name\":\"integritytools\",\"version\":\"1\",\"mode\":\"full\",\"attachments\":true}\n"u8
            : "{\"name\":\"integritytools\",\"version\":\"1\",\"mode\":\"full\"}\n"u8);
    }

    /// <summary>How many documents (revisions) were written.</summary>
    public long Revisions { get; private set; }

    /// <summary>Writes one document byte for byte, unless it holds line ends between its members: those become spaces.</summary>
    public async ValueTask WriteAsync(RawJson document, CancellationToken cancellationToken)
    {
        await target.WriteAsync(inLine == 0 ? "["u8.ToArray() : ","u8.ToArray(), cancellationToken);
        await target.WriteAsync(DumpLine.Of(document), cancellationToken);
        Revisions++;
        if (++inLine == batchSize)
        {
            await EndLineAsync(cancellationToken);
        }
    }

    /// <summary>Ends the file, flushes it and its folder to disk and gives it its name.</summary>
    /// <returns>Its SHA-256 (hex) and its length in bytes.</returns>
    public async Task<(string Sha256, long Length)> CompleteAsync(CancellationToken cancellationToken)
    {
        if (inLine > 0)
        {
            await EndLineAsync(cancellationToken);
        }

        if (!ReferenceEquals(target, hashed))
        {
            await target.DisposeAsync();
        }

        await file.FlushAsync(cancellationToken);
        file.Flush(flushToDisk: true);
        var length = file.Length;
        await file.DisposeAsync();
        File.Move(temporary, path, overwrite: true);
        completed = true;
        FolderSync.Flush(Path.GetDirectoryName(path)!);
        return (hashed.Digest(), length);
    }

    /// <summary>Closes; a dump that was not completed is removed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!completed)
        {
            await file.DisposeAsync();
            File.Delete(temporary);
        }

        hashed.Dispose();
    }

    private async ValueTask EndLineAsync(CancellationToken cancellationToken)
    {
        await target.WriteAsync("]\n"u8.ToArray(), cancellationToken);
        inLine = 0;
    }

    private sealed class HashingStream(Stream inner) : Stream
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public string Digest() => Convert.ToHexStringLower(hash.GetHashAndReset());

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            hash.AppendData(buffer);
            inner.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            hash.AppendData(buffer.Span);
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                hash.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
