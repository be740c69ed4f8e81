using System.Text.Json;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>A dump that stands uncompressed in a file: reads the documents whose places are known.</summary>
/// <param name="path">The dump's name, for messages.</param>
/// <param name="file">The dump itself, or its unpacked form.</param>
internal sealed class DumpContent(string path, FileStream file)
{
    /// <summary>The file.</summary>
    public FileStream File => file;

    /// <summary>Where it is read.</summary>
    public SafeFileHandle Handle => file.SafeFileHandle;

    /// <summary>Reads a document; the data of large attachments is left where it stands.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.DamagedFile"/>: the file has changed since the place was noted.</exception>
    public Task<DocumentRevision> ReadAsync(long offset, int length, CancellationToken cancellationToken) =>
        length > AttachmentCutter.LargeDocument ? ReadLargeAsync(offset, cancellationToken) : ReadWholeAsync(offset, length, cancellationToken);

    /// <summary>Reads a document that is not large, on a way from the file's start to its end.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.DamagedFile"/>: the file has changed since the place was noted.</exception>
    public DocumentRevision Read(ForwardReader forward, long offset, int length)
    {
        try
        {
            return DocumentReader.Read(forward.Read(offset, length));
        }
        catch (JsonException exception)
        {
            throw Changed(exception);
        }
    }

    private async Task<DocumentRevision> ReadWholeAsync(long offset, int length, CancellationToken cancellationToken)
    {
        var bytes = new byte[length];
        for (var done = 0; done < length;)
        {
            var count = await RandomAccess.ReadAsync(Handle, bytes.AsMemory(done), offset + done, cancellationToken);
            done += count > 0 ? count : throw Changed(null);
        }

        try
        {
            return DocumentReader.Read(bytes);
        }
        catch (JsonException exception)
        {
            throw Changed(exception);
        }
    }

    private async Task<DocumentRevision> ReadLargeAsync(long offset, CancellationToken cancellationToken)
    {
        var window = new JsonWindow(
            async (buffer, token) =>
            {
                var count = await RandomAccess.ReadAsync(Handle, buffer, offset, token);
                offset += count;
                return count;
            },
            offset);
        var cutter = new AttachmentCutter(window, files: null, Handle);
        try
        {
            int? length;
            while ((length = LengthOfObject(window)) is null)
            {
                await cutter.CutAsync(cancellationToken);
                await window.ReadMoreAsync(cancellationToken);
            }

            return DocumentReader.Read(window.Span[..length.Value].ToArray(), cutter.Take());
        }
        catch (JsonException exception)
        {
            throw Changed(exception);
        }
    }

    /// <summary>The bytes of the object at hand; null when it is not whole yet.</summary>
    private static int? LengthOfObject(JsonWindow window)
    {
        var reader = new Utf8JsonReader(window.Span, window.Ended, new JsonReaderState(JsonLimits.Reader));
        return reader.Read() && reader.TrySkip() ? (int)reader.BytesConsumed : null;
    }

    private IntegrityException Changed(Exception? cause) => new(
        ErrorIds.DamagedFile, $"'{path}' changed while it was read.", path, "Run the command again when nothing writes to the file.", cause);
}
