namespace IntegrityTools.Bench;

/// <summary>Runs contenders in turn (A B C A B C …), so that what the machine does besides falls on all of them alike.</summary>
internal static class Comparison
{
    /// <summary>One unmeasured round to warm the caches, then the measured ones.</summary>
    public static async Task<IReadOnlyList<Series>> RunAsync(IReadOnlyList<Contender> contenders, int runs)
    {
        var measured = contenders.Select(_ => new List<Measurement>()).ToArray();
        var commands = new IReadOnlyList<string>[contenders.Count];
        for (var round = 0; round <= runs; round++)
        {
            for (var number = 0; number < contenders.Count; number++)
            {
                var contender = contenders[number];
                var steps = await contender.Prepare().ConfigureAwait(false);
                var total = steps.Select(ProcessMeter.Run).Aggregate((left, right) => left + right);
                if (contender.Check is { } check)
                {
                    await check().ConfigureAwait(false);
                }

                commands[number] = [.. steps.Select(step => step.ToString())];
                await Console.Error.WriteLineAsync(FormattableString.Invariant(
                    $"  {(round == 0 ? "warm-up" : $"run {round}")}  {contender.Name}: {total.Wall:F3} s, {total.Cpu:F2} s CPU, {total.PeakMegabytes:F0} MB")).ConfigureAwait(false);
                if (round > 0)
                {
                    measured[number].Add(total);
                }
            }
        }

        return [.. contenders.Select((contender, number) => new Series(contender.Name, commands[number], measured[number]))];
    }
}
