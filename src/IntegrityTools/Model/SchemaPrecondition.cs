namespace IntegrityTools.Model;

/// <summary>A summary's table with its indexes and triggers, its view, and its event table's definition and triggers must be exactly these.</summary>
/// <param name="EventTable">The table of events.</param>
/// <param name="Table">The summary's table.</param>
/// <param name="View">The view; null: none.</param>
/// <param name="Sha256">SHA-256 (hex) over all of their definitions.</param>
public sealed record SchemaPrecondition(string EventTable, string Table, string? View, string Sha256) : Precondition;
