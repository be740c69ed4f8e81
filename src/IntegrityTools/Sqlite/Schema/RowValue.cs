using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using IntegrityTools.Model;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Schema;

/// <summary>
/// One value of a row with its storage class, byte for byte. As JSON: null, a number for an integer, a string for text, and objects
/// for what JSON cannot hold exactly: {"real": "0.1"}, {"blob": base64}, {"text": base64} for text that is no UTF-8, {"utf16": base64} for
/// text of a database in UTF-16 that would come back from UTF-8 as another.
/// </summary>
/// <param name="Type">SQLite's number of the storage class.</param>
/// <param name="Number">An integer's value, or a real's bits; <see cref="Utf16"/> of a text whose bytes are those of a database in UTF-16.</param>
/// <param name="Bytes">The bytes of a text or a blob.</param>
internal readonly record struct RowValue(int Type, long Number, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>So many bytes of a text are shown to a person.</summary>
    public const int MostShown = 80;

    private const int Utf16 = 16;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>NULL.</summary>
    public static RowValue Null { get; } = new(raw.SQLITE_NULL, 0, default);

    /// <summary>An integer.</summary>
    public static RowValue Integer(long value) => new(raw.SQLITE_INTEGER, value, default);

    /// <summary>Reads a column of the row on which a statement stands.</summary>
    public static RowValue Read(sqlite3_stmt statement, int column)
    {
        var type = raw.sqlite3_column_type(statement, column);
        return type switch
        {
            raw.SQLITE_INTEGER => Integer(raw.sqlite3_column_int64(statement, column)),
            raw.SQLITE_FLOAT => new RowValue(type, BitConverter.DoubleToInt64Bits(raw.sqlite3_column_double(statement, column)), default),
            raw.SQLITE_TEXT => ReadText(statement, column),
            raw.SQLITE_BLOB => new RowValue(type, 0, raw.sqlite3_column_blob(statement, column).ToArray()),
            _ => Null,
        };
    }

    // The bytes as they are stored first: asking for the text turns that of a database in UTF-16 into UTF-8, which has no place for half a
    // surrogate pair; the blob then has it past a NUL, too.
    private static RowValue ReadText(sqlite3_stmt statement, int column)
    {
        var stored = raw.sqlite3_column_blob(statement, column).ToArray();
        _ = raw.sqlite3_column_text(statement, column);
        var text = raw.sqlite3_column_blob(statement, column);
        return text.SequenceEqual(stored) ? new RowValue(raw.SQLITE_TEXT, 0, stored)
            : Utf16Text.IsWhole(stored, text) ? new RowValue(raw.SQLITE_TEXT, 0, text.ToArray())
            : new RowValue(raw.SQLITE_TEXT, Utf16, stored);
    }

    /// <summary>Reads the JSON that <see cref="Write"/> makes.</summary>
    public static RowValue Parse(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => Null,
        JsonValueKind.Number => Integer(json.GetInt64()),
        JsonValueKind.String => new RowValue(raw.SQLITE_TEXT, 0, Encoding.UTF8.GetBytes(json.GetString()!)),
        JsonValueKind.Object when json.TryGetProperty("real", out var real) => new RowValue(
            raw.SQLITE_FLOAT, BitConverter.DoubleToInt64Bits(double.Parse(real.GetString()!, CultureInfo.InvariantCulture)), default),
        JsonValueKind.Object when json.TryGetProperty("blob", out var blob) => new RowValue(raw.SQLITE_BLOB, 0, blob.GetBytesFromBase64()),
        JsonValueKind.Object when json.TryGetProperty("text", out var text) => new RowValue(raw.SQLITE_TEXT, 0, text.GetBytesFromBase64()),
        JsonValueKind.Object when json.TryGetProperty("utf16", out var text) => new RowValue(raw.SQLITE_TEXT, Utf16, text.GetBytesFromBase64()),
        _ => throw new JsonException($"{json.ValueKind} is no value of a row."),
    };

    /// <summary>True when the bytes are UTF-8.</summary>
    public bool IsUtf8
    {
        get
        {
            try
            {
                _ = Strict.GetCharCount(Bytes.Span);
                return Number != Utf16;
            }
            catch (DecoderFallbackException)
            {
                return false;
            }
        }
    }

    /// <summary>Writes the value as JSON.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        switch (Type)
        {
            case raw.SQLITE_INTEGER:
                writer.WriteNumberValue(Number);
                break;
            case raw.SQLITE_FLOAT:
                writer.WriteStartObject();
                writer.WriteString("real", BitConverter.Int64BitsToDouble(Number).ToString("R", CultureInfo.InvariantCulture));
                writer.WriteEndObject();
                break;
            case raw.SQLITE_TEXT when IsUtf8:
                writer.WriteStringValue(Bytes.Span);
                break;
            case raw.SQLITE_TEXT or raw.SQLITE_BLOB:
                writer.WriteStartObject();
                writer.WriteBase64String(Type == raw.SQLITE_BLOB ? "blob" : Number == Utf16 ? "utf16" : "text", Bytes.Span);
                writer.WriteEndObject();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    /// <summary>The value as JSON.</summary>
    public RawJson ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer);
        }

        return new RawJson(buffer.WrittenMemory);
    }

    /// <summary>True when class and bytes are the same.</summary>
    public bool IsSameAs(RowValue other) => Type == other.Type && Number == other.Number && Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <summary>Puts the value in the place of a statement's parameter, counted from 1.</summary>
    public void Bind(sqlite3_stmt statement, int parameter)
    {
        _ = Type switch
        {
            raw.SQLITE_INTEGER => raw.sqlite3_bind_int64(statement, parameter, Number),
            raw.SQLITE_FLOAT => raw.sqlite3_bind_double(statement, parameter, BitConverter.Int64BitsToDouble(Number)),
            raw.SQLITE_TEXT when Bytes.IsEmpty => raw.sqlite3_bind_text(statement, parameter, string.Empty),
            raw.SQLITE_TEXT when Number == Utf16 => Utf16Text.Bind(statement, parameter, Bytes.Span, Utf16Text.IsBigEndian(statement)),
            raw.SQLITE_TEXT => raw.sqlite3_bind_text(statement, parameter, Bytes.Span),
            raw.SQLITE_BLOB when Bytes.IsEmpty => raw.sqlite3_bind_zeroblob(statement, parameter, 0),
            raw.SQLITE_BLOB => raw.sqlite3_bind_blob(statement, parameter, Bytes.Span),
            _ => raw.sqlite3_bind_null(statement, parameter),
        };
    }

    /// <summary>Adds the value to what is hashed: its class, its length, its bytes.</summary>
    public void AppendTo(System.Security.Cryptography.IncrementalHash hash)
    {
        Span<byte> head = stackalloc byte[17];
        head[0] = (byte)Type;
        BinaryPrimitives.WriteInt64BigEndian(head[1..], Number);
        BinaryPrimitives.WriteInt64BigEndian(head[9..], Bytes.Length);
        hash.AppendData(head);
        hash.AppendData(Bytes.Span);
    }

    /// <summary>For a person: the value, shortened.</summary>
    public override string ToString() => Type switch
    {
        raw.SQLITE_INTEGER => Number.ToString(CultureInfo.InvariantCulture),
        raw.SQLITE_FLOAT => BitConverter.Int64BitsToDouble(Number).ToString("R", CultureInfo.InvariantCulture),
        raw.SQLITE_TEXT when Number == Utf16 => $"x'{Convert.ToHexStringLower(Bytes.Span[..Math.Min(MostShown, Bytes.Length)])}'{(Bytes.Length > MostShown ? "…" : string.Empty)}",
        raw.SQLITE_TEXT => Encoding.UTF8.GetString(Bytes.Span[..Math.Min(MostShown, Bytes.Length)]) + (Bytes.Length > MostShown ? "…" : string.Empty),
        raw.SQLITE_BLOB => string.Create(CultureInfo.InvariantCulture, $"({Bytes.Length:N0} bytes)"),
        _ => "NULL",
    };
}
