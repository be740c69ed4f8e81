namespace IntegrityTools.CouchDb.Json;

/// <summary>
/// The part of a stream that is in memory: what is read and not yet used up. It grows to the largest single value that has to be
/// whole, and shrinks again afterwards.
/// </summary>
/// <param name="read">Reads into a buffer; 0 at the end.</param>
/// <param name="position">Where in the stream it begins.</param>
internal sealed class JsonWindow(Func<Memory<byte>, CancellationToken, ValueTask<int>> read, long position = 0)
{
    private const int Usual = 64 * 1024;
    private const int Large = 4 * 1024 * 1024;
    private byte[] buffer = new byte[Usual];
    private int start;
    private int end;

    /// <summary>Over a stream.</summary>
    public JsonWindow(Stream stream)
        : this(stream.ReadAsync)
    { }

    /// <summary>The bytes at hand.</summary>
    public ReadOnlySpan<byte> Span => buffer.AsSpan(start, end - start);

    /// <summary>The bytes at hand; good until the next read.</summary>
    public ReadOnlyMemory<byte> Memory => buffer.AsMemory(start, end - start);

    /// <summary>Where in the stream <see cref="Span"/> begins.</summary>
    public long Position { get; private set; } = position;

    /// <summary>True when the stream has no more.</summary>
    public bool Ended { get; private set; }

    /// <summary>Uses up bytes.</summary>
    public void Advance(int count)
    {
        start += count;
        Position += count;
    }

    /// <summary>Puts fewer bytes in the place of some at hand, as if the stream had them.</summary>
    public void Replace(int from, int to, ReadOnlySpan<byte> with)
    {
        var text = buffer.AsSpan(start, end - start);
        text[to..].CopyTo(text[(from + with.Length)..]);
        with.CopyTo(text[from..]);
        end -= to - from - with.Length;
    }

    /// <summary>Counts bytes of the stream that were replaced.</summary>
    public void Count(long replaced) => Position += replaced;

    /// <summary>Reads more behind what is at hand.</summary>
    public async ValueTask ReadMoreAsync(CancellationToken cancellationToken)
    {
        var length = end - start;
        if (length > buffer.Length / 2)
        {
            Move(new byte[checked(buffer.Length * 2)], length);
        }
        else if (buffer.Length > Large && length < Usual / 2)
        {
            Move(new byte[Usual], length);
        }
        else if (start > 0)
        {
            Move(buffer, length);
        }

        var count = await read(buffer.AsMemory(end), cancellationToken);
        end += count;
        Ended = count == 0;
    }

    private void Move(byte[] target, int length)
    {
        Buffer.BlockCopy(buffer, start, target, 0, length);
        buffer = target;
        start = 0;
        end = length;
    }
}
