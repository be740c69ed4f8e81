using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Writing;

/// <summary>One attempt to write a document.</summary>
/// <param name="Document">What is sent.</param>
/// <param name="Parent">The revision that it replaces; null for a new document.</param>
/// <param name="Own">The user's members in it.</param>
/// <param name="Discarded">Values that a rule passed over.</param>
/// <param name="Merged">True when somebody else's edit is in it.</param>
internal sealed record SaveAttempt(RawJson Document, RevisionId? Parent, RawJson Own, IReadOnlyList<DiscardedEdit> Discarded, bool Merged)
{
    /// <summary>The revision that stands already and holds all of it; null: it has to be written.</summary>
    public RevisionId? Standing { get; init; }
}
