using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>The state of one run of a plan.</summary>
[JsonConverter(typeof(CodeConverter<ExecutionStatus>))]
public enum ExecutionStatus
{
    /// <summary>Under way, or interrupted without a word: resumable.</summary>
    Running,

    /// <summary>Stopped by a failure or by cancelling: resumable.</summary>
    Stopped,

    /// <summary>Every operation has a final outcome.</summary>
    Completed,

    /// <summary>Completed, and taken back by a later execution.</summary>
    Undone,
}
