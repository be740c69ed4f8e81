using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>How a column of a summary follows from events.</summary>
[JsonConverter(typeof(CodeConverter<SummaryColumnKind>))]
public enum SummaryColumnKind
{
    /// <summary>The value that the newest event has.</summary>
    Latest,

    /// <summary>The value that the first event has.</summary>
    First,

    /// <summary>The number of events.</summary>
    Count,
}
