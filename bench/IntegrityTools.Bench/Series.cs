namespace IntegrityTools.Bench;

/// <summary>All runs of one contender.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Commands">The commands of the last run, as typed.</param>
/// <param name="Runs">What each run took.</param>
internal sealed record Series(string Name, IReadOnlyList<string> Commands, IReadOnlyList<Measurement> Runs)
{
    /// <summary>Median wall time in seconds.</summary>
    public double Wall => Median(run => run.Wall);

    /// <summary>Least wall time in seconds.</summary>
    public double FastestWall => Runs.Min(run => run.Wall);

    /// <summary>Greatest wall time in seconds.</summary>
    public double SlowestWall => Runs.Max(run => run.Wall);

    /// <summary>Median processor time in seconds.</summary>
    public double Cpu => Median(run => run.Cpu);

    /// <summary>The greatest peak of all runs in MB: memory has to suffice every time.</summary>
    public double PeakMegabytes => Runs.Max(run => run.PeakMegabytes);

    private double Median(Func<Measurement, double> figure)
    {
        var sorted = Runs.Select(figure).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
