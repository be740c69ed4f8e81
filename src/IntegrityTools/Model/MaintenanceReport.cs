namespace IntegrityTools.Model;

/// <summary>What maintenance of a store did, step by step.</summary>
/// <param name="Store">The store's address.</param>
/// <param name="DryRun">True when nothing was written.</param>
/// <param name="Steps">The steps, in their order.</param>
public sealed record MaintenanceReport(string Store, bool DryRun, IReadOnlyList<MaintenanceStep> Steps);
