namespace IntegrityTools.Model;

/// <summary>Writes what is left of a damaged database into a new file. The damaged one is only read.</summary>
/// <param name="Destination">The new file; there must be none of that name.</param>
public sealed record SalvageAction(string Destination) : RepairAction;
