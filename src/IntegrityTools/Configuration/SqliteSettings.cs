namespace IntegrityTools.Configuration;

/// <summary>The <c>sqlite:</c> part of integrity.yaml.</summary>
public sealed record SqliteSettings
{
    /// <summary>How thoroughly pages and indexes are checked.</summary>
    public SqliteCheck Check { get; init; } = SqliteCheck.Integrity;

    /// <summary>A write-ahead log larger than this many MB is an issue.</summary>
    public int WalLimitMegabytes { get; init; } = 100;

    /// <summary>How many connections of ours are open to one database at a time, at most.</summary>
    public int MaximumOpen { get; init; } = 4;

    /// <summary>How many of them stay open unused.</summary>
    public int MaximumIdle { get; init; } = 2;

    /// <summary>The journal mode that databases should have; null: either is right.</summary>
    public SqliteJournalMode? JournalMode { get; init; }
}
