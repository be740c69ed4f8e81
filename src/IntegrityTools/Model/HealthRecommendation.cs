namespace IntegrityTools.Model;

/// <summary>What would do a store good.</summary>
/// <param name="Text">What, one sentence.</param>
/// <param name="Command">The command that does it or is its first step.</param>
public sealed record HealthRecommendation(string Text, string Command)
{
    /// <summary>In one line, for a person.</summary>
    public override string ToString() => $"{Text} {Command}";
}
