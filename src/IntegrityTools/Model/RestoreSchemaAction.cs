namespace IntegrityTools.Model;

/// <summary>Gives back a summary's table with its rows, indexes and triggers, or takes it away where there was none, and the view and the event table's triggers as they were.</summary>
/// <param name="EventTable">The table of events.</param>
/// <param name="Table">The summary's table.</param>
/// <param name="View">The view; null: none.</param>
/// <param name="BackupPath">The file that holds them.</param>
public sealed record RestoreSchemaAction(string EventTable, string Table, string? View, string BackupPath) : RepairAction;
