namespace IntegrityTools.Configuration;

/// <summary>The <c>audit:</c> part of integrity.yaml. It is about the audit's log file: the ledger is always written.</summary>
public sealed record AuditSettings
{
    /// <summary>Whether the log file is written, when <see cref="LogPath"/> names one.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How long audit events stay in the ledger before they are sealed into a file.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>The folder of the log file, a full path; null: no log file.</summary>
    public string? LogPath { get; init; }

    /// <summary>The log file; null: none is written.</summary>
    internal string? LogFile => Enabled && LogPath is { } folder ? Path.Combine(folder, "integrity-audit.jsonl") : null;
}
