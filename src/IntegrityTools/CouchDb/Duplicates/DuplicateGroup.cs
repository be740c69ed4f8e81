using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>Documents that are one thing under several ids.</summary>
/// <param name="Rule">The rule that says so.</param>
/// <param name="Key">The key that they have in common.</param>
/// <param name="Types">Their types, as the first of them tells them.</param>
/// <param name="Members">The documents by id; of very many the first only.</param>
/// <param name="Count">How many there are.</param>
internal sealed record DuplicateGroup(IdentityRule Rule, string Key, IReadOnlyList<string> Types, IReadOnlyList<LeafSet> Members, int Count);
