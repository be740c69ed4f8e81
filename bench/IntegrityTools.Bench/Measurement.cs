namespace IntegrityTools.Bench;

/// <summary>What one run of one or more processes took.</summary>
/// <param name="Wall">Seconds from start to end.</param>
/// <param name="Cpu">Seconds of processor time, user and system.</param>
/// <param name="PeakMegabytes">The peak resident size of the largest process, in MB (10^6 bytes).</param>
internal sealed record Measurement(double Wall, double Cpu, double PeakMegabytes)
{
    /// <summary>One after the other: times add up, the peak is the greater one.</summary>
    public static Measurement operator +(Measurement left, Measurement right) =>
        new(left.Wall + right.Wall, left.Cpu + right.Cpu, Math.Max(left.PeakMegabytes, right.PeakMegabytes));
}
