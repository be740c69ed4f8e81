namespace IntegrityTools.Bench;

/// <summary>Something to measure.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Prepare">Makes what a run needs, unmeasured; returns the commands to measure, one after the other.</param>
/// <param name="Check">Throws when the run did not do its work; unmeasured.</param>
internal sealed record Contender(string Name, Func<Task<IReadOnlyList<Command>>> Prepare, Func<Task>? Check = null)
{
    /// <summary>A contender whose commands are the same each time.</summary>
    public static Contender Of(string name, params Command[] commands) =>
        new(name, () => Task.FromResult<IReadOnlyList<Command>>(commands));
}
