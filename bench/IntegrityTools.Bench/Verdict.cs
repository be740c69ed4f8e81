namespace IntegrityTools.Bench;

/// <summary>A figure beside its target.</summary>
/// <param name="What">What is compared.</param>
/// <param name="Figure">The figure, smaller is better.</param>
/// <param name="Target">What it may be at most.</param>
/// <param name="Unit">Its unit: "times", "s", "MB".</param>
internal sealed record Verdict(string What, double Figure, double Target, string Unit)
{
    /// <summary>True when the target is met.</summary>
    public bool Passed => Figure <= Target;
}
