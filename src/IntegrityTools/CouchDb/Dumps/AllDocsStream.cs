using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>Reads what <c>_all_docs?include_docs=true</c> answers as a dump: one array of one document a line.</summary>
/// <param name="answer">The answer, uncompressed.</param>
/// <param name="path">The file that it is in, for messages.</param>
internal sealed class AllDocsStream(Stream answer, string path) : ForwardStream
{
    private readonly AllDocsReader reader = new(answer);
    private ReadOnlyMemory<byte> line;

    private static ReadOnlySpan<byte> Spaces => " \t\r\n"u8;

    /// <summary>True for the first bytes of such an answer; no line of a dump begins so.</summary>
    public static bool Is(ReadOnlySpan<byte> beginning)
    {
        beginning = (beginning.StartsWith("\uFEFF"u8) ? beginning[3..] : beginning).TrimStart(Spaces);
        if (!beginning.StartsWith("{"u8))
        {
            return false;
        }

        beginning = beginning[1..].TrimStart(Spaces);
        return beginning.StartsWith("\"total_rows\""u8) || beginning.StartsWith("\"rows\""u8) || beginning.StartsWith("\"offset\""u8);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (line.IsEmpty)
        {
            line = await NextAsync(cancellationToken);
        }

        var count = Math.Min(buffer.Length, line.Length);
        line[..count].CopyTo(buffer);
        line = line[count..];
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            answer.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<ReadOnlyMemory<byte>> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await reader.ReadAsync(cancellationToken) is not { } document)
            {
                return reader.TotalRows is { } total && reader.Rows < total
                    ? throw new JsonException($"it has {Counted.Of(reader.Rows, "row")} of the database's {Counted.Number(total)}, as when limit, skip or keys were given")
                    : default;
            }

            var text = new byte[document.Utf8.Length + 3];
            text[0] = (byte)'[';
            document.Utf8.Span.CopyTo(text.AsSpan(1));

            // Line ends between members, as pretty printers leave them, would end the dump's line; within texts JSON has none.
            text.AsSpan(1, document.Utf8.Length).Replace((byte)'\n', (byte)' ');
            text[^2] = (byte)']';
            text[^1] = (byte)'\n';
            return text;
        }
        catch (Exception exception) when (exception is JsonException or TransientAnswerException)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
        catch (MissingBodyException)
        {
            throw NoDump.WithoutBodies(path);
        }
    }
}
