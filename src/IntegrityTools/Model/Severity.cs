using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>How much a fault matters. Written in snake_case on every surface.</summary>
[JsonConverter(typeof(CodeConverter<Severity>))]
public enum Severity
{
    /// <summary>Worth knowing; nothing is wrong yet.</summary>
    Info,

    /// <summary>A blemish.</summary>
    Low,

    /// <summary>A fault that should be repaired.</summary>
    Medium,

    /// <summary>A fault that users of the data can notice.</summary>
    High,

    /// <summary>A fault that is losing data or answers wrongly now.</summary>
    Critical,
}
