using System.Globalization;

namespace IntegrityTools.Sqlite.Files;

/// <summary>Tells what a file is that does not begin as a database does.</summary>
internal static class Identification
{
    private const int SampleLength = 65536;

    // Text stays below 5 bits a byte, programs below 7; only encrypted and compressed bytes come near 8.
    private const double Scrambled = 7.9;

    private static readonly (byte[] Start, string What)[] Known =
    [
        ([0x1f, 0x8b], "gzip data"), ([0x50, 0x4b, 3, 4], "a ZIP archive"), ([0x28, 0xb5, 0x2f, 0xfd], "Zstandard data"),
        ([0x89, 0x50, 0x4e, 0x47], "a PNG picture"), ([0xff, 0xd8, 0xff], "a JPEG picture"), ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
        ([0x37, 0x7f, 0x06], "a write-ahead log of SQLite, not the database"), ([0xd9, 0xd5, 0x05, 0xf9], "a rollback journal of SQLite, not the database"),
        ("** This file contains an SQLite 2"u8.ToArray(), "a database of SQLite 2"),
        ("PRAGMA foreign_keys"u8.ToArray(), "a dump of SQL statements"), ("BEGIN TRANSACTION"u8.ToArray(), "a dump of SQL statements"),
    ];

    /// <summary>One sentence about the file, and what to do.</summary>
    public static string Of(string path)
    {
        using var file = DatabaseFiles.Open(path);
        var sample = new byte[Math.Min(SampleLength, file.Length)];
        file.ReadExactly(sample);
        if (sample.Length == 0)
        {
            return "The file is empty (0 bytes): a database that was never written to, or one that was cut off. Restore a backup if it held anything.";
        }

        if (Known.FirstOrDefault(kind => sample.AsSpan().StartsWith(kind.Start)).What is { } what)
        {
            return $"The file is {what}.";
        }

        if (sample.Length >= 4096 && file.Length % 512 == 0 && Entropy(sample) > Scrambled - (sample.Length < 16384 ? 0.1 : 0))
        {
            return "The file looks encrypted: it has the length of a database, and no byte in it stands out. It is not called damaged; "
                + "decrypt it with the program that has its password (such as SQLCipher) and check the result.";
        }

        var zeros = sample.AsSpan().IndexOfAnyExcept((byte)0);
        return zeros < 0
            ? string.Create(CultureInfo.InvariantCulture, $"The file's first {sample.Length:N0} bytes are zero: the disk or a copy lost them. Restore a backup, or salvage it.")
            : "The file does not begin as a SQLite database does: it is no database, or encrypted, or its first page is destroyed. If it was one, restore a backup, or salvage it.";
    }

    private static double Entropy(ReadOnlySpan<byte> bytes)
    {
        Span<int> counts = stackalloc int[256];
        foreach (var value in bytes)
        {
            counts[value]++;
        }

        var bits = 0.0;
        foreach (var count in counts)
        {
            if (count > 0)
            {
                var share = (double)count / bytes.Length;
                bits -= share * Math.Log2(share);
            }
        }

        return bits;
    }
}
