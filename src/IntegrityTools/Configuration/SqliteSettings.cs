namespace IntegrityTools.Configuration;

/// <summary>The <c>sqlite:</c> part of integrity.yaml.</summary>
public sealed record SqliteSettings
{
    /// <summary>How thoroughly pages and indexes are checked.</summary>
    public SqliteCheck Check { get; init; } = SqliteCheck.Integrity;

    /// <summary>A write-ahead log larger than this many MB is an issue.</summary>
    public int WalLimitMegabytes { get; init; } = 100;

    /// <summary>The journal mode that databases should have; null: either is right.</summary>
    public SqliteJournalMode? JournalMode { get; init; }

    /// <summary>What databases should do with pages that fall free; null: whatever they do.</summary>
    public SqliteAutoVacuum? AutoVacuum { get; init; }
}
