namespace IntegrityTools.Cli.Output;

/// <summary>
/// Gathers what is written to standard output. Writers flush as often as they like (one of JSON does with each value): only <see cref="Send"/> passes it on,
/// and a piece that is full.
/// </summary>
/// <param name="output">Standard output, owned.</param>
internal sealed class OutputBuffer(Stream output) : Stream
{
    private readonly BufferedStream buffer = new(output, 1 << 16);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Passes on what was written so far.</summary>
    public void Send() => buffer.Flush();

    public override void Write(byte[] buffer, int offset, int count) => this.buffer.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => this.buffer.Write(buffer);

    public override void WriteByte(byte value) => buffer.WriteByte(value);

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
            buffer.Dispose();
        }

        base.Dispose(disposing);
    }
}
