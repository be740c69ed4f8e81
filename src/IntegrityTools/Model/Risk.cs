using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>What a repair can cost.</summary>
[JsonConverter(typeof(CodeConverter<Risk>))]
public enum Risk
{
    /// <summary>Nothing is discarded.</summary>
    Low,

    /// <summary>A configured rule chose between values.</summary>
    Medium,

    /// <summary>Somebody's edit is discarded; the operation names it.</summary>
    High,
}
