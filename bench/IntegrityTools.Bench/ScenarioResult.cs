namespace IntegrityTools.Bench;

/// <summary>What a scenario has shown.</summary>
/// <param name="Name">The scenario.</param>
/// <param name="Description">What was measured, on what data.</param>
/// <param name="Series">The contenders.</param>
/// <param name="Verdicts">The figures beside their targets; without the contender there is none.</param>
/// <param name="Missing">Peers that are not on this machine.</param>
internal sealed record ScenarioResult(
    string Name, string Description, IReadOnlyList<Series> Series, IReadOnlyList<Verdict> Verdicts, IReadOnlyList<string> Missing);
