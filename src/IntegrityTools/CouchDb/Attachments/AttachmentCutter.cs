using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;
using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.CouchDb.Attachments;

/// <summary>
/// Takes the data of large attachments out of a document while it is read, so that a document is held in memory without them. In its place stands
/// <c>"follows":true</c>, which every server refuses: what is left out can get lost by no oversight.
/// </summary>
/// <param name="window">What is being read; the document begins at its first brace.</param>
/// <param name="files">What keeps the bytes; null to take only lengths and digests.</param>
/// <param name="content">Where what is being read can be read again; null: nowhere.</param>
internal sealed class AttachmentCutter(JsonWindow window, HeldFiles? files, SafeFileHandle? content = null)
{
    /// <summary>Documents up to here are held whole.</summary>
    public const int LargeDocument = 1 << 20;

    private const int LargeData = 64 * 1024;
    private Dictionary<string, HeldAttachment>? held;
    private HeldFile? file;
    private int next = LargeDocument;

    private static ReadOnlySpan<byte> Marker => "\"follows\":true"u8;

    /// <summary>How many bytes were taken out of the document.</summary>
    public long Removed { get; private set; }

    /// <summary>Cuts what is at hand of a document that is not yet whole, if that is large; reads on to the end of the data that it has begun with.</summary>
    /// <exception cref="JsonException">The data is no base64, or its line ends before it.</exception>
    public async ValueTask CutAsync(CancellationToken cancellationToken)
    {
        if (window.Span.Length < next)
        {
            return;
        }

        while (Find() is { } found)
        {
            await CutAsync(found, cancellationToken).ConfigureAwait(false);
        }

        next = Math.Max(LargeDocument, window.Span.Length * 2);
    }

    /// <summary>What was cut out of the document that has been read, by the attachments' names; the next one begins.</summary>
    public IReadOnlyDictionary<string, HeldAttachment> Take()
    {
        var taken = held ?? HeldAttachment.None;
        (held, file, Removed, next) = (null, null, 0, LargeDocument);
        return taken;
    }

    /// <summary>Forgets the document.</summary>
    public void Drop()
    {
        file?.Dispose();
        _ = Take();
    }

    private async ValueTask CutAsync(Place found, CancellationToken cancellationToken)
    {
        file ??= files?.Create() ?? new HeldFile(keeps: false);
        file.Begin();
        var text = new Base64Text(file.Append);
        var begin = window.Position + Removed + found.Data;
        var end = begin;
        var (from, at) = (found.From, found.Data);
        for (var first = true; ; first = false)
        {
            var rest = window.Span[at..];
            var stop = rest.IndexOfAny((byte)'"', (byte)'\n');
            var closed = stop >= 0 && rest[stop] == '"';
            var piece = stop < 0 ? rest : rest[..stop];
            text.Append(piece);
            end += piece.Length;
            var to = at + piece.Length + (closed ? 1 : 0);
            var mark = first ? Marker : default;
            Removed += to - from - mark.Length;
            window.Replace(from, to, mark);
            from = at = from + mark.Length;
            if (closed)
            {
                break;
            }

            if (stop < 0)
            {
                await window.ReadMoreAsync(cancellationToken).ConfigureAwait(false);
            }

            if (stop >= 0 || window.Ended)
            {
                throw new JsonException("the data of an attachment has no end");
            }
        }

        text.End();
        var attachment = file.End();
        (held ??= new Dictionary<string, HeldAttachment>(StringComparer.Ordinal))[found.Name] =
            content is null ? attachment : attachment with { Bytes = new Base64Place(content, begin, end - begin) };
    }

    /// <summary>The first large data in the document at hand, whole or begun.</summary>
    private Place? Find()
    {
        var at = window.Span.IndexOf((byte)'{');
        if (at < 0)
        {
            return null;
        }

        var bytes = window.Span[at..];
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, new JsonReaderState(JsonLimits.Reader));
        var inAttachments = false;
        var name = string.Empty;
        while (reader.Read() && !(reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == 0))
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (reader.CurrentDepth == 1)
            {
                inAttachments = reader.ValueTextEquals(CouchNames.Attachments);
            }
            else if (inAttachments && reader.CurrentDepth == 2)
            {
                name = reader.GetString()!;
            }
            else if (inAttachments && reader.CurrentDepth == 3 && reader.ValueTextEquals(CouchNames.Data))
            {
                var from = (int)reader.TokenStartIndex;
                var value = (int)reader.BytesConsumed;
                value += bytes[value..].IndexOfAnyExcept(" \t\r"u8);
                var whole = reader.Read();
                if (value < bytes.Length && bytes[value] == '"' && (whole ? reader.ValueSpan.Length : bytes.Length - value) > LargeData)
                {
                    return new Place(name, at + from, at + value + 1);
                }

                if (!whole)
                {
                    return null;
                }
            }
        }

        return null;
    }

    /// <summary>Where data stands.</summary>
    /// <param name="Name">The attachment's name.</param>
    /// <param name="From">Where its member begins.</param>
    /// <param name="Data">Where its text begins, behind the quote.</param>
    private sealed record Place(string Name, int From, int Data);
}
