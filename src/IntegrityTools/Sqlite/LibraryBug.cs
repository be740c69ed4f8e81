namespace IntegrityTools.Sqlite;

/// <summary>A bug of SQLite that damages databases.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="First">The first version that has it.</param>
/// <param name="Fixed">The first version without it.</param>
/// <param name="NeedsWal">True when only databases in WAL mode meet it.</param>
/// <param name="Meaning">When it strikes and what to do, two short sentences.</param>
/// <param name="Source">Where SQLite's makers tell of it.</param>
internal sealed record LibraryBug(string Name, Version First, Version Fixed, bool NeedsWal, string Meaning, string Source)
{
    /// <summary>Two connections that write and checkpoint one file at the same instant can lose part of the log.</summary>
    public static LibraryBug WalReset { get; } = new(
        "WAL-reset bug",
        new Version(3, 7, 0),
        new Version(3, 51, 3),
        true,
        "Two connections that write and checkpoint at one instant can damage the database. Update it to 3.51.3 or later.",
        "https://www.sqlite.org/wal.html#walresetbug")
    {
        Backports = [new Version(3, 44, 6), new Version(3, 50, 7)],
    };

    /// <summary>The known ones from 3.7.0 on, whose versions SQLite's makers name.</summary>
    public static IReadOnlyList<LibraryBug> All { get; } =
    [
        WalReset,
        new LibraryBug(
            "nested transaction bug",
            new Version(3, 35, 0),
            new Version(3, 37, 2),
            false,
            "With temp_store in memory, taking back a SAVEPOINT can damage the database. Update it to 3.37.2 or later.",
            "https://www.sqlite.org/howtocorrupt.html#svptbug"),
        new LibraryBug(
            "DROP COLUMN bug",
            new Version(3, 35, 0),
            new Version(3, 35, 5),
            false,
            "ALTER TABLE DROP COLUMN can damage the database. Update it to 3.35.5 or later.",
            "https://www.sqlite.org/releaselog/3_35_5.html"),
        new LibraryBug(
            "Windows recovery bug",
            new Version(3, 0, 0),
            new Version(3, 7, 16), // 3.7.16.2 has the correction, and a file does not tell it from 3.7.16.
            false,
            "On Windows, two processes that recover one database at the same instant can damage it. Update it to 3.7.17 or later.",
            "https://www.sqlite.org/howtocorrupt.html"),
        new LibraryBug(
            "mode switch bug",
            new Version(3, 7, 0),
            new Version(3, 7, 5),
            false,
            "VACUUM between switches in and out of WAL mode can damage the database under another connection. Update it to 3.7.5 or later.",
            "https://www.sqlite.org/howtocorrupt.html"),
        new LibraryBug(
            "file growth bug",
            new Version(3, 7, 0),
            new Version(3, 7, 1),
            false,
            "Writes by 3.6 and 3.7.0 in turn can damage the database. Update it to 3.7.1 or later.",
            "https://www.sqlite.org/howtocorrupt.html"),
    ];

    /// <summary>Versions of older series into which the correction was brought: they and what follows them in their series do not have it.</summary>
    public IReadOnlyList<Version> Backports { get; init; } = [];

    /// <summary>True when that version has the bug.</summary>
    public bool IsIn(Version version) => version >= First && version < Fixed
        && !Backports.Any(mended => (version.Major, version.Minor) == (mended.Major, mended.Minor) && version >= mended);
}
