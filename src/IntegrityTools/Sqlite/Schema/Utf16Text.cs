using System.Runtime.InteropServices;
using System.Text;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Schema;

/// <summary>Texts of databases in UTF-16, byte for byte: a program may have stored half a surrogate pair, or a character that SQLite makes another of.</summary>
internal static class Utf16Text
{
    private static readonly UnicodeEncoding[] Orders = [new(false, false, throwOnInvalidBytes: true), new(true, false, throwOnInvalidBytes: true)];

    /// <summary>True when the UTF-8 that SQLite made of a text becomes that text again.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> text)
    {
        foreach (var order in Orders)
        {
            try
            {
                // SQLite takes these two for the sign of a character that cannot be read.
                var read = order.GetString(stored);
                if (!read.AsSpan().ContainsAny('\ufffe', '\uffff') && Encoding.UTF8.GetBytes(read).AsSpan().SequenceEqual(text))
                {
                    return true;
                }
            }
            catch (DecoderFallbackException)
            {
                // Not in this order of bytes.
            }
        }

        return false;
    }

    /// <summary>Binds a text as its bytes. SQLite takes a byte order mark away, with which each text is therefore bound.</summary>
    /// <returns>SQLite's result code.</returns>
    public static int Bind(sqlite3_stmt statement, int parameter, ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        byte[] marked = [.. bigEndian ? Encoding.BigEndianUnicode.Preamble : Encoding.Unicode.Preamble, .. bytes];
        return raw.sqlite3_bind_text16(statement, parameter, MemoryMarshal.Cast<byte, char>(marked));
    }

    /// <summary>Whether the database of a statement stores the high byte first.</summary>
    public static bool IsBigEndian(sqlite3_stmt statement)
    {
        _ = raw.sqlite3_prepare_v2(raw.sqlite3_db_handle(statement), "PRAGMA encoding", out var encoding);
        using (encoding)
        {
            return raw.sqlite3_step(encoding) == raw.SQLITE_ROW && raw.sqlite3_column_text(encoding, 0).utf8_to_string() == "UTF-16be";
        }
    }
}
