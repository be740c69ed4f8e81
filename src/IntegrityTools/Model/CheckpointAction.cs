namespace IntegrityTools.Model;

/// <summary>Writes the write-ahead log back into the database and empties it.</summary>
public sealed record CheckpointAction : RepairAction;
