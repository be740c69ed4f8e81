namespace IntegrityTools.Sqlite;

/// <summary>A bug of SQLite that damages databases.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="First">The first version that has it.</param>
/// <param name="Fixed">The first version without it.</param>
/// <param name="NeedsWal">True when only databases in WAL mode meet it.</param>
/// <param name="Meaning">When it strikes and what to do, two short sentences.</param>
internal sealed record LibraryBug(string Name, Version First, Version Fixed, bool NeedsWal, string Meaning)
{
    /// <summary>Two connections that write and checkpoint one file at the same instant can lose part of the log.</summary>
    public static LibraryBug WalReset { get; } = new(
        "WAL-reset bug",
        new Version(3, 7, 0),
        new Version(3, 51, 3),
        true,
        "Two connections that write and checkpoint at one instant can damage the database. Update it to 3.51.3 or later.");

    /// <summary>The known ones, by <see href="https://www.sqlite.org/changes.html"/>.</summary>
    public static IReadOnlyList<LibraryBug> All { get; } =
    [
        WalReset,
        new LibraryBug(
            "DROP COLUMN bug",
            new Version(3, 35, 0),
            new Version(3, 35, 5),
            false,
            "ALTER TABLE DROP COLUMN can damage the database. Update it to 3.35.5 or later."),
    ];

    /// <summary>True when that version has the bug.</summary>
    public bool IsIn(Version version) => version >= First && version < Fixed;
}
