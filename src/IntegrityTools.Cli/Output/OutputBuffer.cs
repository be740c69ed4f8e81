namespace IntegrityTools.Cli.Output;

/// <summary>
/// Gathers what is written to standard output. Writers flush as often as they like (one of JSON does with each value): only <see cref="Send"/> passes it on,
/// and a piece that is full. What cannot be written (a full disk, a closed output) is remembered and the rest discarded: a repair under way is not cut off by it.
/// </summary>
/// <param name="output">Standard output, owned.</param>
internal sealed class OutputBuffer(Stream output) : Stream
{
    private readonly Stream output = output;
    private readonly BufferedStream buffer = new(output, 1 << 16);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Why standard output could not be written; null while it can.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Passes on what was written so far.</summary>
    public void Send()
    {
        if (Failure is null)
        {
            try
            {
                buffer.Flush();
            }
            catch (Exception failure) when (IsOfOutput(failure))
            {
                Failure = failure;
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Failure is null)
        {
            try
            {
                this.buffer.Write(buffer);
            }
            catch (Exception failure) when (IsOfOutput(failure))
            {
                Failure = failure;
            }
        }
    }

    public override void WriteByte(byte value) => Write([value]);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Send();

            // A buffer that could not be written would try again.
            (Failure is null ? buffer : output).Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>True of what writing to a closed or full output ends in.</summary>
    internal static bool IsOfOutput(Exception failure) => failure is IOException or UnauthorizedAccessException;
}
