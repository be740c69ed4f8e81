namespace IntegrityTools.Sqlite.Format;

/// <summary>SQLite's variable-length integers: 7 bits a byte, the most significant first, all 8 of a ninth byte.</summary>
internal static class Varint
{
    private const int Longest = 9;

    /// <summary>Reads one; returns its length in bytes, 0 when the bytes end first.</summary>
    public static int Read(ReadOnlySpan<byte> bytes, out long value)
    {
        value = 0;
        var room = Math.Min(bytes.Length, Longest);
        for (var index = 0; index < room; index++)
        {
            if (index == Longest - 1)
            {
                value = (value << 8) | bytes[index];
                return Longest;
            }

            value = (value << 7) | (long)(bytes[index] & 0x7f);
            if (bytes[index] < 0x80)
            {
                return index + 1;
            }
        }

        return 0;
    }
}
