using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>The <c>auto_repair:</c> part of integrity.yaml.</summary>
public sealed record AutoRepairSettings
{
    /// <summary>Whether scheduled scans repair what they may.</summary>
    public bool Enabled { get; init; }

    /// <summary>The highest risk that is repaired without a person.</summary>
    public Risk MaxRisk { get; init; } = Risk.Low;

    /// <summary>The strategies that may be used without a person.</summary>
    public IReadOnlyList<Strategy> Strategies { get; init; } = [Strategy.LatestWins];
}
