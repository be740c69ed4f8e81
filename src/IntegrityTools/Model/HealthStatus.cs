using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>How well something is. Written in snake_case on every surface.</summary>
[JsonConverter(typeof(CodeConverter<HealthStatus>))]
public enum HealthStatus
{
    /// <summary>As it should be.</summary>
    Healthy,

    /// <summary>It works, and somebody should look at it.</summary>
    Degraded,

    /// <summary>It does not work, or data is in danger.</summary>
    Unhealthy,
}
