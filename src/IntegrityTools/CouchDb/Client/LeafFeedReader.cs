using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>
/// Reads a changes feed with all leaves from its bytes. A row becomes objects only when it lists two leaves or more and its
/// winner is live; of all others, which are nearly all, nothing but a count remains. A backup wants every row.
/// </summary>
/// <param name="stream">The feed.</param>
/// <param name="everyRow">True to have every row.</param>
/// <param name="listed">Told the id of every row; null: nobody wants to know.</param>
internal sealed class LeafFeedReader(Stream stream, bool everyRow = false, Action<string>? listed = null)
{
    private enum Member
    {
        Other,
        Id,
        Seq,
        Changes,
        Rev,
        Deleted,
        LastSeq,
    }

    private const int RowDepth = 2;
    private readonly JsonWindow window = new(stream);
    private readonly ArrayBufferWriter<byte> id = new(256);
    private readonly ArrayBufferWriter<byte> revisions = new(256);
    private readonly List<int> revisionEnds = [];
    private byte[] sequence = new byte[16 * 1024];
    private byte[] rowSequence = new byte[16 * 1024];
    private int sequenceLength;
    private int rowSequenceLength;
    private JsonReaderState state = new(JsonLimits.Reader);
    private Member member;
    private bool deleted;

    /// <summary>The last sequence that a row which was fully seen, or the feed's end, has named; null before the first.</summary>
    public string? Sequence => sequenceLength == 0 ? null : Encoding.UTF8.GetString(sequence.AsSpan(0, sequenceLength));

    /// <summary>Rows since <see cref="Sequence"/>'s: those that a feed which goes on from there lists again.</summary>
    public long RowsSinceSequence { get; private set; }

    /// <summary>Rows of documents that are not deleted.</summary>
    public long LiveRows { get; private set; }

    /// <summary>How often those were written, all together: the generations of their winners.</summary>
    public long Writes { get; private set; }

    /// <summary>True when the feed has come to its end as it should.</summary>
    public bool Completed { get; private set; }

    /// <summary>Reads on until the next bytes have been taken apart.</summary>
    /// <param name="entries">Receives the documents with several leaves.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many rows there were; the feed may go on while <see cref="Completed"/> is false.</returns>
    /// <exception cref="JsonException">The feed is cut or broken.</exception>
    public async ValueTask<int> ReadAsync(List<LeafEntry> entries, CancellationToken cancellationToken)
    {
        await window.ReadMoreAsync(cancellationToken);
        var rows = Parse(entries);
        return window.Ended && !Completed ? throw new JsonException("The feed ends too early.") : rows;
    }

    private int Parse(List<LeafEntry> entries)
    {
        var reader = new Utf8JsonReader(window.Span, window.Ended, state);
        var rows = 0;
        while (!Completed && reader.Read())
        {
            var depth = reader.CurrentDepth;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject when depth == RowDepth:
                    BeginRow();
                    break;
                case JsonTokenType.EndObject when depth == RowDepth:
                    EndRow(entries);
                    rows++;
                    break;
                case JsonTokenType.EndObject when depth == 0:
                    Completed = true;
                    break;
                case JsonTokenType.PropertyName:
                    member = MemberOf(ref reader, depth);
                    break;
                case JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True:
                    Take(ref reader);
                    member = Member.Other;
                    break;
            }
        }

        state = reader.CurrentState;
        window.Advance((int)reader.BytesConsumed);
        return rows;
    }

    private static Member MemberOf(ref Utf8JsonReader reader, int depth) => depth switch
    {
        RowDepth + 1 when reader.ValueTextEquals(CouchNames.Id) => Member.Id,
        RowDepth + 1 when reader.ValueTextEquals(CouchNames.Seq) => Member.Seq,
        RowDepth + 1 when reader.ValueTextEquals(CouchNames.Deleted) => Member.Deleted,
        RowDepth + 3 when reader.ValueTextEquals(CouchNames.Rev) => Member.Rev,
        1 when reader.ValueTextEquals(CouchNames.LastSeq) => Member.LastSeq,
        1 when reader.ValueTextEquals(CouchNames.Error) => throw new TransientAnswerException("the feed ended with an error"),
        _ => Member.Other,
    };

    private void Take(ref Utf8JsonReader reader)
    {
        switch (member)
        {
            case Member.Id:
                Append(ref reader, id);
                break;
            case Member.Rev:
                Append(ref reader, revisions);
                revisionEnds.Add(revisions.WrittenCount);
                break;
            case Member.Seq:
                rowSequenceLength = Copy(ref reader, rowSequence);
                break;
            case Member.LastSeq:
                sequenceLength = Copy(ref reader, sequence);
                RowsSinceSequence = 0;
                break;
            case Member.Deleted:
                deleted = reader.TokenType == JsonTokenType.True;
                break;
        }
    }

    private static int Copy(ref Utf8JsonReader reader, byte[] target)
    {
        if (reader.ValueSpan.Length > target.Length)
        {
            throw new JsonException("A sequence is longer than any server writes.");
        }

        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.CopyString(target);
        }

        reader.ValueSpan.CopyTo(target);
        return reader.ValueSpan.Length;
    }

    private static void Append(ref Utf8JsonReader reader, ArrayBufferWriter<byte> target)
    {
        var span = target.GetSpan(reader.ValueSpan.Length);
        if (reader.ValueIsEscaped)
        {
            target.Advance(reader.CopyString(span));
        }
        else
        {
            reader.ValueSpan.CopyTo(span);
            target.Advance(reader.ValueSpan.Length);
        }
    }

    private void BeginRow()
    {
        id.ResetWrittenCount();
        revisions.ResetWrittenCount();
        revisionEnds.Clear();
        rowSequenceLength = 0;
        deleted = false;
    }

    private void EndRow(List<LeafEntry> entries)
    {
        RowsSinceSequence++;
        if (rowSequenceLength > 0)
        {
            (sequence, rowSequence) = (rowSequence, sequence);
            sequenceLength = rowSequenceLength;
            RowsSinceSequence = 0;
        }

        if (!deleted && Utf8Parser.TryParse(revisions.WrittenSpan, out int generation, out _))
        {
            LiveRows++;
            Writes += generation;
        }

        listed?.Invoke(Encoding.UTF8.GetString(id.WrittenSpan));
        if (!everyRow && (revisionEnds.Count < 2 || deleted))
        {
            return;
        }

        var leaves = new RevisionId[revisionEnds.Count];
        var start = 0;
        for (var index = 0; index < leaves.Length; start = revisionEnds[index++])
        {
            leaves[index] = RevisionId.TryParse(Encoding.UTF8.GetString(revisions.WrittenSpan[start..revisionEnds[index]]), out var revision)
                ? revision
                : throw new JsonException("The feed lists something that is no revision.");
        }

        entries.Add(new LeafEntry(Encoding.UTF8.GetString(id.WrittenSpan), leaves));
    }
}
