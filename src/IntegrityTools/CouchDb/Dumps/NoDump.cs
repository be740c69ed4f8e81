using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>Says of a file that holds no document what it is: a backup that is empty must not pass for a database without faults.</summary>
internal static class NoDump
{
    private const int Looked = 512;
    private const string Form = "Give a file with one JSON array of documents a line, plain or gzip, as couchbackup writes it, or an answer of _all_docs?include_docs=true.";

    private static readonly (byte[] Beginning, string What)[] Known =
    [
        ("PK\u0003\u0004"u8.ToArray(), "a zip archive"), ([0x28, 0xb5, 0x2f, 0xfd], "compressed with zstd"), ([0xfd, (byte)'7', (byte)'z', (byte)'X'], "compressed with xz"),
        ("BZh"u8.ToArray(), "compressed with bzip2"), ("SQLite format 3\0"u8.ToArray(), "a SQLite database"),
    ];

    /// <summary>A folder in the place of a file.</summary>
    public static IntegrityException OfFolder(string path) => new(
        ErrorIds.InvalidArgument, $"'{path}' is a folder.", path, $"Name a dump in it; {CommandWords.Command("integrity backup list", "Get-IntegrityBackup -Path")} shows the backups of a folder.");

    /// <summary>A file without one character but spaces.</summary>
    public static IntegrityException OfNothing(string path, bool compressed, Exception? cause = null) => new(
        ErrorIds.DamagedFile,
        new FileInfo(path).Length == 0 ? $"'{path}' is empty: it has no byte." : compressed ? $"'{path}' is compressed and holds nothing." : $"'{path}' holds nothing but spaces.",
        path,
        "Whatever wrote it did not get far: make the dump anew.",
        cause);

    /// <summary>An answer of <c>_all_docs</c> that lists documents and has none: without an error it would pass for a database without faults.</summary>
    public static IntegrityException WithoutBodies(string path) => new(
        ErrorIds.DamagedFile,
        $"'{path}' is an answer of _all_docs that lists documents without their content: include_docs=true was left out.",
        path,
        "Ask for it again, with _all_docs?include_docs=true.");

    /// <summary>A file of which no line is a document.</summary>
    public static IntegrityException Of(string path, FileStream file, EntryEvidence first)
    {
        var beginning = new byte[Looked];
        var count = RandomAccess.Read(file.SafeFileHandle, beginning, 0);
        var what = Known.FirstOrDefault(known => beginning.AsSpan(0, count).StartsWith(known.Beginning)).What;
        what ??= beginning.AsSpan(0, count) is [0x1f, 0x8b, ..] ? null : beginning.AsSpan(0, count).Contains((byte)0) ? "a binary file" : null;
        return new IntegrityException(
            ErrorIds.DamagedFile,
            what is null ? $"'{path}' is no dump: line {first.Line}: {first.Reason.TrimEnd('.')}." : $"'{path}' is no dump: it is {what}.",
            path,
            what == "a SQLite database" ? $"Name it as 'sqlite:{path}'." : Form);
    }
}
