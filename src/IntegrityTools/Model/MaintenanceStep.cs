namespace IntegrityTools.Model;

/// <summary>One step of maintenance.</summary>
/// <param name="Name">incremental_vacuum, optimize, checkpoint or close.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Message">What it did, or why not, with figures.</param>
public sealed record MaintenanceStep(string Name, MaintenanceOutcome Outcome, string Message);
