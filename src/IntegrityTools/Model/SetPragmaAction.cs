namespace IntegrityTools.Model;

/// <summary>Changes a setting that the database keeps.</summary>
/// <param name="Name">The setting.</param>
/// <param name="Value">Its new value.</param>
public sealed record SetPragmaAction(string Name, string Value) : RepairAction;
