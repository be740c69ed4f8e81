using System.Globalization;
using System.Text.Json;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>
/// Reads a dump in couchbackup's form from its start to its end: one JSON array of documents a line, before them perhaps a header
/// object. Lines end at <c>\n</c> and nowhere else. One document is in memory at a time, without the data of its large attachments. A line that is
/// broken costs the rest of that line; a value that is no document costs only itself.
/// </summary>
internal sealed class DumpReader
{
    private enum Step
    {
        NeedsMore,
        Entry,
        LineEnd,
    }

    private const int KeptOfLine = 1024;
    private static readonly byte[] ResumeMarker = "{\"marker\":\"@cloudant/couchbackup:resume\"}"u8.ToArray();
    private readonly JsonWindow window;
    private readonly AttachmentCutter cutter;
    private JsonReaderState state = new(JsonLimits.Reader);
    private long line = 1;
    private long values;
    private bool skipping;
    private bool fresh = true;
    private bool complete;
    private string? cut;
    private bool finished;

    /// <summary>Reads from a stream's place on.</summary>
    /// <param name="uncompressed">The dump.</param>
    /// <param name="attachments">What keeps the data of large attachments, for whoever takes it from <see cref="DumpEntry.Held"/>; null to know its length and digest only.</param>
    public DumpReader(Stream uncompressed, HeldFiles? attachments = null)
    {
        window = new JsonWindow(uncompressed);
        cutter = new AttachmentCutter(window, attachments);
    }

    /// <summary>True when the first line is a header object.</summary>
    public bool HasHeader { get; private set; }

    /// <summary>True when the header says that some documents may stand twice in it, and count as they stand last.</summary>
    public bool IsContinued { get; private set; }

    /// <summary>True when there was nothing but spaces; known at the end.</summary>
    public bool HoldsNothing { get; private set; } = true;

    /// <summary>The next document or fault; null at the end.</summary>
    public async ValueTask<DumpEntry?> ReadAsync(CancellationToken cancellationToken)
    {
        while (!finished)
        {
            var step = TryRead(out var entry);
            if (step == Step.Entry)
            {
                return entry;
            }

            if (step == Step.NeedsMore)
            {
                try
                {
                    await (skipping ? ValueTask.CompletedTask : cutter.CutAsync(cancellationToken));
                    await window.ReadMoreAsync(cancellationToken);
                }
                catch (JsonException exception)
                {
                    window.Count(cutter.Removed);
                    cutter.Drop();
                    skipping = true;
                    if (await IsResumedAsync(cancellationToken))
                    {
                        continue;
                    }

                    return new DumpEntry(line, window.Position, default, exception.Message);
                }
                catch (InvalidDataException exception)
                {
                    var what = exception.InnerException is null ? "the compressed file" : "the answer of _all_docs";
                    return Cut($"{what} is cut or damaged ({exception.Message.TrimEnd('.')})");
                }

                if (window.Ended && cut is null && window.Span.IsEmpty)
                {
                    finished = true;
                    if (!fresh && !complete && !skipping)
                    {
                        return new DumpEntry(line, window.Position, default, "the file ends in the middle of a line");
                    }
                }
            }
        }

        return null;
    }

    /// <summary>True when the line at hand, which breaks off, ends with couchbackup's marker: that batch stands again below.</summary>
    private async ValueTask<bool> IsResumedAsync(CancellationToken cancellationToken)
    {
        while (!window.Span.Contains((byte)'\n') && !window.Ended)
        {
            window.Advance(Math.Max(0, window.Span.Length - KeptOfLine));
            await window.ReadMoreAsync(cancellationToken);
        }

        var rest = window.Span;
        var stop = rest.IndexOf((byte)'\n');

        // Its brace and first quote may have been taken for the end of the data.
        return (stop < 0 ? rest : rest[..stop]).TrimEnd(" \t\r"u8).EndsWith(ResumeMarker.AsSpan(2));
    }

    private DumpEntry Cut(string why)
    {
        finished = true;
        return new DumpEntry(line, window.Position, default, why);
    }

    private Step TryRead(out DumpEntry entry)
    {
        entry = default;
        if (window.Position == 0 && window.Span.StartsWith("\uFEFF"u8))
        {
            window.Advance(3); // Windows editors put a byte order mark before the first line.
        }

        var bytes = window.Span;
        var end = bytes.IndexOf((byte)'\n');
        var whole = end >= 0 || window.Ended;
        var part = end >= 0 ? bytes[..end] : bytes;
        if (skipping || (fresh && whole && part.Trim(" \t\r"u8).IsEmpty))
        {
            window.Advance(part.Length);
            return EndLine(end >= 0);
        }

        HoldsNothing &= part.Trim(" \t\r"u8).IsEmpty;
        if (!fresh && !complete && whole && part.IsEmpty)
        {
            entry = new DumpEntry(line, window.Position, default, "the line ends too early");
            return Broken(end >= 0);
        }

        try
        {
            return TryParse(part, whole, end >= 0, out entry);
        }
        catch (JsonException exception)
        {
            // An interrupted couchbackup leaves half a line before its marker and writes that batch again after it.
            if (whole && part.TrimEnd(" \t\r"u8).EndsWith(ResumeMarker))
            {
                skipping = true;
                return TryRead(out entry);
            }

            entry = new DumpEntry(line, window.Position, default, Reason(exception, whole && end < 0, fresh));
            return Broken(end >= 0);
        }
    }

    private Step TryParse(ReadOnlySpan<byte> part, bool whole, bool ended, out DumpEntry entry)
    {
        entry = default;
        var reader = new Utf8JsonReader(part, whole, state);
        var used = 0;
        while (reader.Read())
        {
            var kind = reader.TokenType;
            var depth = reader.CurrentDepth;
            if (depth == 0 && kind is JsonTokenType.StartArray or JsonTokenType.EndArray)
            {
                used = (int)reader.BytesConsumed;
                state = reader.CurrentState;
                fresh = false;
                complete = kind == JsonTokenType.EndArray;
                continue;
            }

            if (depth == 0 && kind != JsonTokenType.StartObject)
            {
                throw new JsonException("it holds something that is no document");
            }

            var from = (int)reader.TokenStartIndex;
            if (!reader.TrySkip())
            {
                break;
            }

            used = (int)reader.BytesConsumed;
            var value = window.Memory[from..used];
            var at = window.Position + from;
            state = reader.CurrentState;
            fresh = false;
            values++;
            window.Advance(used);
            window.Count(cutter.Removed);
            if (kind != JsonTokenType.StartObject)
            {
                cutter.Drop();
                entry = new DumpEntry(line, at, default, string.Create(CultureInfo.InvariantCulture, $"value {values} of the line is {Name(kind)} and no document"));
                return Step.Entry;
            }

            var length = used - from + cutter.Removed;
            var held = cutter.Take();
            if (depth == 0)
            {
                return TopObject(value.Span, at, out entry);
            }

            entry = new DumpEntry(line, at, value, null) { Place = values, Length = length, Held = held };
            return Step.Entry;
        }

        window.Advance(used);
        if (!whole)
        {
            return Step.NeedsMore;
        }

        return EndLine(ended);
    }

    private Step TopObject(ReadOnlySpan<byte> value, long at, out DumpEntry entry)
    {
        skipping = true;
        entry = default;
        if (value.SequenceEqual(ResumeMarker))
        {
            return Step.LineEnd;
        }

        using var document = JsonDocument.Parse(value.ToArray(), JsonLimits.Document);
        if (line == 1 && document.RootElement.TryGetProperty("name", out var name) && document.RootElement.TryGetProperty("version", out var version))
        {
            HasHeader = true;
            IsContinued = DumpHeader.IsContinued(name, version);
            return Step.LineEnd;
        }

        entry = new DumpEntry(line, at, default, "it is no array of documents");
        return Step.Entry;
    }

    private Step Broken(bool ended)
    {
        window.Count(cutter.Removed);
        cutter.Drop();
        skipping = true;
        cut = ended ? null : "";
        return Step.Entry;
    }

    private Step EndLine(bool ended)
    {
        if (!ended)
        {
            finished = window.Ended;
            return Step.NeedsMore;
        }

        window.Advance(1);
        line++;
        values = 0;
        state = new JsonReaderState(JsonLimits.Reader);
        skipping = false;
        fresh = true;
        complete = false;
        return Step.LineEnd;
    }

    private static string Reason(JsonException exception, bool atEnd, bool fresh) =>
        atEnd ? "the file ends in the middle of a line"
        : exception.Message.StartsWith("it ", StringComparison.Ordinal) ? exception.Message
        : fresh ? "it is no JSON"
        : "it is no JSON from one place on, and what follows in the line is lost";

    private static string Name(JsonTokenType kind) => kind switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };
}
