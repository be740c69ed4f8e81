namespace IntegrityTools.Stores;

/// <summary>A place in a store's feed of changes: all that it lists before was handed on.</summary>
/// <param name="Sequence">The update sequence.</param>
/// <param name="Documents">Documents looked at up to there.</param>
public sealed record ScanReach(string Sequence, long Documents);
