using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>How far an issue that was found has come. Written in snake_case on every surface.</summary>
[JsonConverter(typeof(CodeConverter<IssueStatus>))]
public enum IssueStatus
{
    /// <summary>Found, and nothing was done about it yet.</summary>
    Open,

    /// <summary>A plan has an operation for it that needs no person.</summary>
    Planned,

    /// <summary>Repaired, or not found again by a scan that looked for it everywhere.</summary>
    Resolved,

    /// <summary>A person wants to hear no more of it until a day.</summary>
    Ignored,

    /// <summary>Found again after it was resolved or its day had come, taken back by an undo, or reopened by a person.</summary>
    Reopened,
}
