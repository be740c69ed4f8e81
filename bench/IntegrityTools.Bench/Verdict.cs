namespace IntegrityTools.Bench;

/// <summary>A figure beside its target.</summary>
/// <param name="What">What is compared.</param>
/// <param name="Figure">The figure.</param>
/// <param name="Target">What it may be at most, or has to be at least.</param>
/// <param name="Unit">Its unit: "times", "s", "MB".</param>
/// <param name="AtLeast">True where greater is better.</param>
internal sealed record Verdict(string What, double Figure, double Target, string Unit, bool AtLeast = false)
{
    /// <summary>True when the target is met.</summary>
    public bool Passed => AtLeast ? Figure >= Target : Figure <= Target;
}
