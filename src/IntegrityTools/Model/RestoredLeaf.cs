namespace IntegrityTools.Model;

/// <summary>A live leaf that an undo, or the restore of a backup, gives back.</summary>
/// <param name="Revision">The leaf as it was; its body and attachments are in the backup.</param>
/// <param name="UnderRevision">The present leaf that grew from it, under which it is written anew; null: there is none, and it comes back under its own name.</param>
public sealed record RestoredLeaf(string Revision, string? UnderRevision);
