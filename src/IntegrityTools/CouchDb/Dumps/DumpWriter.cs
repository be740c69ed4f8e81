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
    private int inLine;
    private bool completed;

    private static ReadOnlySpan<byte> Header => "{\"name\":\"integritytools\",\"version\":\"1\",\"mode\":\"full\",\"attachments\":false}\n"u8;

    // As long as the other, since it takes its place.
    private static ReadOnlySpan<byte> HeaderWithAttachments => "{\"name\":\"integritytools\",\"version\":\"1\",\"mode\":\"full\",\"attachments\":true }\n"u8;

    /// <summary>Begins a dump.</summary>
    /// <param name="path">The file to be; what stands there is replaced at the end.</param>
    /// <param name="batchSize">Documents a line.</param>
    public DumpWriter(string path, int batchSize = 100)
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
        file.Write(Header);
    }

    /// <summary>
    /// True when a document holds its attachments' data: the header then tells so, and couchrestore asks for its --attachments option. May
    /// be set until the dump is completed.
    /// </summary>
    public bool HasAttachments { get; set; }

    /// <summary>How many documents (revisions) were written.</summary>
    public long Revisions { get; private set; }

    /// <summary>Writes one document byte for byte, unless it holds line ends between its members: those become spaces.</summary>
    public async ValueTask WriteAsync(RawJson document, CancellationToken cancellationToken)
    {
        await file.WriteAsync(inLine == 0 ? "["u8.ToArray() : ","u8.ToArray(), cancellationToken);
        await file.WriteAsync(DumpLine.Of(document), cancellationToken);
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

        if (HasAttachments)
        {
            file.Position = 0;
            await file.WriteAsync(HeaderWithAttachments.ToArray(), cancellationToken);
        }

        await file.FlushAsync(cancellationToken);
        file.Flush(flushToDisk: true);
        await file.DisposeAsync();
        var written = await FileDigest.OfAsync(temporary, cancellationToken);
        File.Move(temporary, path, overwrite: true);
        completed = true;
        FolderSync.Flush(Path.GetDirectoryName(path)!);
        return (written.Sha256, written.Length);
    }

    /// <summary>Closes; a dump that was not completed is removed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!completed)
        {
            await file.DisposeAsync();
            File.Delete(temporary);
        }
    }

    private async ValueTask EndLineAsync(CancellationToken cancellationToken)
    {
        await file.WriteAsync("]\n"u8.ToArray(), cancellationToken);
        inLine = 0;
    }
}
