namespace IntegrityTools.Ledger;

/// <summary>Where a ledger is, who writes it, and what seals it.</summary>
public sealed record LedgerOptions
{
    /// <summary>The ledger's file. It and its folder are made at the first append, not before.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// At least 16 secret bytes that seal the chain (HMAC) and encrypt sensitive values; null: neither. A ledger is sealed from its
    /// first event or never, so that nobody can pass off a rewritten chain as one that was begun without a key.
    /// </summary>
    public byte[]? Key { get; init; }

    /// <summary>Who writes; null: user and machine.</summary>
    public string? Actor { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The folder for backups; null: <c>backups</c> beside the ledger.</summary>
    public string? BackupFolder { get; init; }

    /// <summary>
    /// A file that gets one JSON line for each event, without sensitive values; null: none.
    /// It is a copy for log collectors. The ledger itself does not depend on it. Several ledgers may write one: each line names its ledger.
    /// </summary>
    public string? AuditLogPath { get; init; }

    /// <summary>How long an append waits for another process that is writing before it fails. Default: 30 s.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
