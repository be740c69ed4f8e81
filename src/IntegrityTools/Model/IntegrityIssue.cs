namespace IntegrityTools.Model;

/// <summary>One fault found in a store. The same fault found again has the same <see cref="Id"/>.</summary>
public record IntegrityIssue
{
    /// <summary>A hash over store, type, subject and evidence key.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="IssueTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>How much it matters.</summary>
    public required Severity Severity { get; init; }

    /// <summary>What it is about: a document id, <c>table/primary-key</c>, <c>path:line</c> or an entity id.</summary>
    public required string Subject { get; init; }

    /// <summary>The document's type (its <c>@type</c> or <c>type</c>), when it has one.</summary>
    public string? DocumentType { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Message { get; init; }

    /// <summary>True when the configured strategy decides it without a person and without discarding an edit.</summary>
    public bool CanAutoResolve { get; init; }

    /// <summary>What was seen.</summary>
    public required IssueEvidence Evidence { get; init; }

    /// <summary>The store's address, without secrets.</summary>
    public required string Store { get; init; }

    /// <summary>The scan that found it.</summary>
    public required string ScanId { get; init; }

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset DetectedAt { get; init; }

    /// <summary>True when it is of one of these types; a conflict also when one of its kinds is among what was asked for.</summary>
    internal bool IsOf(IReadOnlySet<string> types) => types.Contains(Type)
        || (Evidence is ConflictEvidence { Kinds: var kinds }
            && (types.Overlaps(kinds) || (types.Contains(IssueTypes.EditDeleteConflict) && kinds.Contains(ConflictKinds.EditDelete))));
}
