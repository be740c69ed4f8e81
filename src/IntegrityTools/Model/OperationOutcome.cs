using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>What became of one operation of a plan.</summary>
[JsonConverter(typeof(CodeConverter<OperationOutcome>))]
public enum OperationOutcome
{
    /// <summary>Applied, read back and verified.</summary>
    Applied,

    /// <summary>The store already held the result: nothing was written.</summary>
    AlreadyApplied,

    /// <summary>The precondition no longer holds: skipped, nothing was forced.</summary>
    Stale,

    /// <summary>Tried and failed; the message says why.</summary>
    Failed,

    /// <summary>The plan leaves this one to a person: nothing was written.</summary>
    NeedsReview,

    /// <summary>The user declined it.</summary>
    Declined,

    /// <summary>A dry run: nothing was written.</summary>
    WouldApply,
}
