namespace IntegrityTools.Model;

/// <summary>What restoring a backup elsewhere, and scanning it there, has shown.</summary>
public sealed record BackupVerification
{
    /// <summary>The backup's id.</summary>
    public required string BackupId { get; init; }

    /// <summary>Its manifest.</summary>
    public required string Path { get; init; }

    /// <summary>True when every file of it and of all that it builds on is whole and its content counts as recorded.</summary>
    public bool Ok => Faults.Count == 0;

    /// <summary>What is wrong.</summary>
    public required IReadOnlyList<BackupFault> Faults { get; init => field = Indexable.Of(value); }

    /// <summary>What was counted in the content.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }

    /// <summary>Where it was restored to and scanned; null when nothing could be restored.</summary>
    public string? RestoredTo { get; init; }

    /// <summary>Issues that a scan of the restored content found, by type: the store had them too. Null when it was not scanned.</summary>
    public IReadOnlyDictionary<string, int>? IssuesByType { get; init; }

    /// <summary>Issue types that a scan of the store can find and that were not looked for in the restored content: what needs the running database, and what the configuration does not ask for.</summary>
    public IReadOnlyList<string> NotLookedFor { get; init => field = Indexable.Of(value); } = [];

    /// <summary>How long it took, in milliseconds.</summary>
    public long DurationMs { get; init; }
}
