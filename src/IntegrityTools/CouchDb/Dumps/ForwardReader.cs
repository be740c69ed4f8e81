using Microsoft.Win32.SafeHandles;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>Reads places of a file that mostly follow each other: a part of the file is read at once, and most places are slices of it.</summary>
internal sealed class ForwardReader(SafeFileHandle file)
{
    private const int Usual = 256 * 1024;
    private byte[] buffer = new byte[Usual];
    private long start;
    private int count;

    /// <summary>The bytes of a place, good until the next call; fewer than asked for where the file ends before.</summary>
    public ReadOnlyMemory<byte> Read(long offset, int length)
    {
        if (offset < start || offset + length > start + count)
        {
            buffer = length > buffer.Length ? new byte[length] : buffer.Length > Usual && length <= Usual ? new byte[Usual] : buffer;
            start = offset;
            count = 0;
            for (var read = -1; read != 0 && count < buffer.Length; count += read)
            {
                read = RandomAccess.Read(file, buffer.AsSpan(count), start + count);
            }
        }

        var from = (int)(offset - start);
        return buffer.AsMemory(from, Math.Min(length, count - from));
    }
}
