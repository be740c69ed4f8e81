using System.Text.Json.Serialization;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Sharing;

/// <summary>What all that take part in a shared scan have in common, as the <c>_local</c> document that the first of them writes once.</summary>
internal sealed record SharedPlan
{
    /// <summary>The scan's id.</summary>
    public required string ScanId { get; init; }

    /// <summary>The scan's name.</summary>
    public required string Name { get; init; }

    /// <summary>What it looks for.</summary>
    public required ScanScope Scope { get; init; }

    /// <summary>A digest of the rules by which is judged.</summary>
    public required string Rules { get; init; }

    /// <summary>What tells the database from another of its name.</summary>
    public string? Incarnation { get; init; }

    /// <summary>The update sequence before any part was begun: all that was changed up to there is looked at. Null: the server does not tell.</summary>
    public string? Sequence { get; init; }

    /// <summary>The ids at which ranges of documents are cut.</summary>
    public IReadOnlyList<string> Cuts { get; init; } = [];

    /// <summary>The parts, by their number; worked out from the rest.</summary>
    [JsonIgnore]
    public IReadOnlyList<SharedPart> Parts => SharedPart.Of(Scope.Types, Cuts);

    /// <summary>How another plan's terms differ from these, in a few words; null: not at all.</summary>
    public string? DiffersFrom(SharedPlan other) =>
        Incarnation != other.Incarnation ? "the database was made anew since it began"
        : Rules != other.Rules ? "the configured rules, a schema or the program's version are not those of the others"
        : !Scope.Types.SequenceEqual(other.Scope.Types) ? $"it looks for {string.Join(", ", other.Scope.Types)}"
        : Scope.MinimumSeverity != other.Scope.MinimumSeverity ? $"its least severity is {Codes.Of(other.Scope.MinimumSeverity)}"
        : !Scope.DocumentTypes.SequenceEqual(other.Scope.DocumentTypes) ? "it is about other types of documents"
        : null;

    /// <summary>Where an incremental scan can go on when all parts are done; null: the scan is not of the whole database, or the server does not tell.</summary>
    /// <param name="missed">Codes that were not looked for in every document.</param>
    public ScanCheckpoint? ToCheckpoint(IReadOnlyList<string> missed) => this is { Sequence: { } sequence, Scope.IsWhole: true }
        ? new ScanCheckpoint { Sequence = sequence, Incarnation = Incarnation, Rules = Rules, Missed = missed }
        : null;
}
