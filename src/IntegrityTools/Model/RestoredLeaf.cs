namespace IntegrityTools.Model;

/// <summary>A live leaf that an undo gives back.</summary>
/// <param name="Revision">The leaf as it was; its body and attachments are in the backup.</param>
/// <param name="UnderRevision">The present leaf that grew from it, under which it is written anew.</param>
public sealed record RestoredLeaf(string Revision, string UnderRevision);
