namespace IntegrityTools.Model;

/// <summary>Makes an index anew from its table.</summary>
/// <param name="Index">The index.</param>
public sealed record ReindexAction(string Index) : RepairAction;
