namespace IntegrityTools.Model;

/// <summary>Gives back the live leaves that an operation replaced, as new revisions: a store never takes an old one twice.</summary>
public sealed record RestoreRevisionsAction : RepairAction
{
    /// <summary>The leaves to give back.</summary>
    public required IReadOnlyList<RestoredLeaf> Leaves { get; init => field = Indexable.Of(value); }

    /// <summary>Present live leaves that get a tombstone: they were deleted before. Only an undo that is taken back has any.</summary>
    public IReadOnlyList<string> RemoveRevisions { get; init => field = Indexable.Of(value); } = [];

    /// <summary>The one of them that has to win again; null when the document was deleted before.</summary>
    public string? WinningRevision { get; init; }

    /// <summary>The execution whose backup holds the bodies.</summary>
    public required string FromExecution { get; init; }

    /// <summary>The backup that holds them.</summary>
    public required string BackupPath { get; init; }
}
