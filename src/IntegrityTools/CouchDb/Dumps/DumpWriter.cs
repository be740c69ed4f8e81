using System.IO.Compression;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>
/// Writes a dump: a header line that couchrestore takes, then arrays of raw documents. The file has its name only when all of it
/// is on disk; until then, and after a failure, there is nothing under that name.
/// </summary>
internal sealed class DumpWriter : IAsyncDisposable
{
    // Below it a member of its own is not worth its ends.
    private const int MuchData = 1 << 16;

    // What is compressed already has no repeats to search for: base64 of it gives its quarter back by shorter codes alone.
    private static readonly ZLibCompressionOptions CodesOnly = new() { CompressionLevel = 1, CompressionStrategy = ZLibCompressionStrategy.HuffmanOnly };

    private readonly string path;
    private readonly string temporary;
    private readonly DumpForm form;
    private readonly FileStream file;
    private Stream? output;
    private bool codesOnly;
    private int inLine;
    private bool completed;

    /// <summary>Begins a dump, or goes on with one.</summary>
    /// <param name="path">The file to be; what stands there is replaced at the end.</param>
    /// <param name="form">How it is written; null: plain, at once.</param>
    public DumpWriter(string path, DumpForm? form = null)
    {
        this.path = Path.GetFullPath(path);
        this.form = form ?? new DumpForm();
        temporary = this.form.PartialPath ?? TemporaryFiles.NameFor(this.path);
        TemporaryFiles.RemoveAbandoned(Path.GetDirectoryName(this.path)!);
        var options = PrivateFile.Options(FileMode.OpenOrCreate);
        (options.Share, options.BufferSize) = (FileShare.None, 1 << 16);
        file = new FileStream(temporary, options);
        RollBack(this.form.From);
    }

    /// <summary>
    /// True when a document holds its attachments' data: the header then tells so, and couchrestore asks for its --attachments option. May
    /// be set until the dump is completed.
    /// </summary>
    public bool HasAttachments { get; set; }

    /// <summary>True when documents may stand twice, and count as they stand last; may be set until then, too.</summary>
    public bool IsContinued { get; set; }

    /// <summary>How many documents (revisions) were written.</summary>
    public long Revisions { get; private set; }

    /// <summary>Writes one document byte for byte, unless it holds line ends between its members: those become spaces.</summary>
    public ValueTask WriteAsync(RawJson document, CancellationToken cancellationToken) => WriteAsync(document, dense: false, cancellationToken);

    /// <summary>Writes a revision, the data of its attachments as base64 in its place.</summary>
    public async ValueTask WriteAsync(DocumentRevision revision, CancellationToken cancellationToken)
    {
        var dense = revision.Attachments.Where(attachment => !IsCompressible(attachment.ContentType)).Sum(attachment => attachment.Length ?? 0) > MuchData;
        if (revision.Held.Count == 0)
        {
            await WriteAsync(revision.Body, dense, cancellationToken);
            return;
        }

        await BeginDocumentAsync(dense, cancellationToken);
        await foreach (var piece in HeldText.InlineAsync(revision.Body, revision.Held, cancellationToken))
        {
            await output!.WriteAsync(DumpLine.Of(new RawJson(piece)), cancellationToken);
        }

        await EndDocumentAsync(cancellationToken);
    }

    /// <summary>Ends the line and flushes what is written to disk: from here a later run can go on.</summary>
    public async Task<DumpCheckpoint> CheckpointAsync(CancellationToken cancellationToken)
    {
        if (inLine > 0)
        {
            await EndLineAsync(cancellationToken);
        }

        await EndMemberAsync();
        await file.FlushAsync(cancellationToken);
        file.FlushToDisk();
        return new DumpCheckpoint(file.Length, Revisions, HasAttachments);
    }

    /// <summary>Forgets what was written after a checkpoint; null: all of it.</summary>
    public void RollBack(DumpCheckpoint? to)
    {
        output = null; // What a compressor still holds is part of what is forgotten.
        inLine = 0;
        file.Flush();
        file.SetLength(to?.Length ?? 0);
        file.Position = file.Length;
        Revisions = to?.Revisions ?? 0;
        HasAttachments = to?.HasAttachments ?? false;
        if (to is null)
        {
            WriteHeader(DumpHeader.Of(attachments: false, continued: false));
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

        await EndMemberAsync();
        if (HasAttachments || IsContinued)
        {
            await file.FlushAsync(cancellationToken);
            file.Position = 0;
            WriteHeader(DumpHeader.Of(HasAttachments, IsContinued));
        }

        await file.FlushAsync(cancellationToken);
        file.FlushToDisk();
        await file.DisposeAsync();
        var written = await FileDigest.OfAsync(temporary, cancellationToken);
        File.Move(temporary, path, overwrite: true);
        completed = true;
        FolderSync.Flush(Path.GetDirectoryName(path)!);
        return (written.Sha256, written.Length);
    }

    /// <summary>Closes; a dump that was not completed is removed, unless a later run can go on with it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!completed)
        {
            await file.DisposeAsync();
            if (form.PartialPath is null)
            {
                File.Delete(temporary);
            }
        }
    }

    // A member of its own, stored rather than compressed: the other header has the same length, so that it can take its place.
    private void WriteHeader(ReadOnlySpan<byte> header)
    {
        if (!form.Compress)
        {
            file.Write(header);
            return;
        }

        using var member = new GZipStream(file, CompressionLevel.NoCompression, leaveOpen: true);
        member.Write(header);
    }

    private async ValueTask EndMemberAsync()
    {
        if (output is GZipStream member)
        {
            await member.DisposeAsync();
        }

        output = null;
    }

    /// <summary>True for the types that CouchDB, too, compresses as it is installed.</summary>
    private static bool IsCompressible(string? type) => type is not null
        && (type.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
            || type.Contains("json", StringComparison.OrdinalIgnoreCase)
            || type.Contains("xml", StringComparison.OrdinalIgnoreCase)
            || type.Contains("javascript", StringComparison.OrdinalIgnoreCase));

    private async ValueTask WriteAsync(RawJson document, bool dense, CancellationToken cancellationToken)
    {
        await BeginDocumentAsync(dense, cancellationToken);
        await output!.WriteAsync(DumpLine.Of(document), cancellationToken);
        await EndDocumentAsync(cancellationToken);
    }

    private async ValueTask BeginDocumentAsync(bool dense, CancellationToken cancellationToken)
    {
        if (dense != codesOnly)
        {
            await EndMemberAsync();
            codesOnly = dense;
        }

        output ??= !form.Compress ? file
            : codesOnly ? new GZipStream(file, CodesOnly, leaveOpen: true)
            : new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true);
        await output.WriteAsync(inLine == 0 ? "["u8.ToArray() : ","u8.ToArray(), cancellationToken);
    }

    private ValueTask EndDocumentAsync(CancellationToken cancellationToken)
    {
        Revisions++;
        return ++inLine == form.BatchSize ? EndLineAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    private async ValueTask EndLineAsync(CancellationToken cancellationToken)
    {
        await output!.WriteAsync("]\n"u8.ToArray(), cancellationToken);
        inLine = 0;
    }
}
