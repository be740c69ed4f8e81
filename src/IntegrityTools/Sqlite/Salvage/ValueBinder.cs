using System.Buffers.Binary;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Schema;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Binds values as the bytes that a record holds, without making anything else of them.</summary>
internal static class ValueBinder
{
    /// <summary>Binds a value of a record.</summary>
    public static void Bind(sqlite3_stmt statement, int parameter, RecordLayout layout, int field, ReadOnlySpan<byte> record, TextEncoding encoding)
    {
        if (layout.IsNull(field))
        {
            raw.sqlite3_bind_null(statement, parameter);
        }
        else if (layout.IsInteger(field))
        {
            raw.sqlite3_bind_int64(statement, parameter, layout.Integer(field, record));
        }
        else if (layout.IsText(field))
        {
            Text(statement, parameter, layout.Bytes(field, record), encoding);
        }
        else if (layout.IsBlob(field))
        {
            Blob(statement, parameter, layout.Bytes(field, record));
        }
        else
        {
            raw.sqlite3_bind_double(statement, parameter, BinaryPrimitives.ReadDoubleBigEndian(layout.Bytes(field, record)));
        }
    }

    /// <summary>Binds bytes as a blob.</summary>
    public static void Blob(sqlite3_stmt statement, int parameter, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            raw.sqlite3_bind_zeroblob(statement, parameter, 0);
        }
        else
        {
            raw.sqlite3_bind_blob(statement, parameter, bytes);
        }
    }

    private static void Text(sqlite3_stmt statement, int parameter, ReadOnlySpan<byte> bytes, TextEncoding encoding)
    {
        if (bytes.IsEmpty)
        {
            raw.sqlite3_bind_text(statement, parameter, string.Empty);
        }
        else if (encoding == TextEncoding.Utf8)
        {
            raw.sqlite3_bind_text(statement, parameter, bytes);
        }
        else
        {
            Utf16Text.Bind(statement, parameter, bytes, bigEndian: encoding == TextEncoding.Utf16Be);
        }
    }
}
