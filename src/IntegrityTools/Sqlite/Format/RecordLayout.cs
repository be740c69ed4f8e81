namespace IntegrityTools.Sqlite.Format;

/// <summary>Where the values of a record lie. One is used for many records, so that reading a row makes no objects.</summary>
internal sealed class RecordLayout
{
    // SQLite's own bound on columns is 32,767.
    private const int MostFields = 32767;

    private long[] types = new long[32];
    private int[] offsets = new int[32];

    /// <summary>How many values there are.</summary>
    public int Count { get; private set; }

    /// <summary>A value's serial type, as the file format numbers them.</summary>
    public long TypeOf(int field) => types[field];

    /// <summary>Where a value begins in the record.</summary>
    public int OffsetOf(int field) => offsets[field];

    /// <summary>Bytes of a value.</summary>
    public int LengthOf(int field) => LengthOfType(types[field]);

    /// <summary>Whether a value is NULL.</summary>
    public bool IsNull(int field) => types[field] == 0;

    /// <summary>Whether a value is text.</summary>
    public bool IsText(int field) => types[field] >= 13 && (types[field] & 1) == 1;

    /// <summary>Whether a value is a blob.</summary>
    public bool IsBlob(int field) => types[field] >= 12 && (types[field] & 1) == 0;

    /// <summary>Whether a value is an integer.</summary>
    public bool IsInteger(int field) => types[field] is (>= 1 and <= 6) or 8 or 9;

    /// <summary>Reads a record's header. False unless its values take exactly the bytes that the record has.</summary>
    /// <param name="bytes">The record, or at least its header.</param>
    /// <param name="length">Bytes of the whole record.</param>
    public bool TryRead(ReadOnlySpan<byte> bytes, long length)
    {
        Count = 0;
        var at = Varint.Read(bytes, out var header);
        if (at == 0 || header < at || header > bytes.Length || header > length)
        {
            return false;
        }

        var head = bytes[..(int)header];
        var offset = header;
        var count = 0;
        while (at < head.Length)
        {
            var read = Varint.Read(head[at..], out var type);
            if (read == 0 || type is 10 or 11 or < 0 || count == MostFields)
            {
                return false;
            }

            if (count == types.Length)
            {
                Array.Resize(ref types, count * 2);
                Array.Resize(ref offsets, count * 2);
            }

            types[count] = type;
            offsets[count++] = (int)offset;
            offset += type > 2L * int.MaxValue ? int.MaxValue : LengthOfType(type);
            if (offset > length)
            {
                return false;
            }

            at += read;
        }

        Count = count;
        return offset == length && count > 0;
    }

    /// <summary>The length that a record's own header gives it, whatever its cell says; 0 when the header makes no sense.</summary>
    /// <param name="bytes">The record, or at least its header.</param>
    /// <param name="most">Bytes that the record may have.</param>
    public int OwnLength(ReadOnlySpan<byte> bytes, int most)
    {
        _ = TryRead(bytes, most);
        var length = Count == 0 ? 0 : offsets[Count - 1] + LengthOf(Count - 1);
        return length > 0 && TryRead(bytes, length) ? length : 0;
    }

    /// <summary>An integer's value.</summary>
    public long Integer(int field, ReadOnlySpan<byte> record)
    {
        switch (types[field])
        {
            case 8:
                return 0;
            case 9:
                return 1;
            default:
                var bytes = record.Slice(offsets[field], LengthOf(field));
                long value = (sbyte)bytes[0];
                for (var index = 1; index < bytes.Length; index++)
                {
                    value = (value << 8) | bytes[index];
                }

                return value;
        }
    }

    /// <summary>The bytes of a value.</summary>
    public ReadOnlySpan<byte> Bytes(int field, ReadOnlySpan<byte> record) => record.Slice(offsets[field], LengthOf(field));

    private static int LengthOfType(long type) => type switch
    {
        0 or 8 or 9 => 0,
        <= 4 => (int)type,
        5 => 6,
        6 or 7 => 8,
        _ => (int)((type - 12) >> 1),
    };
}
