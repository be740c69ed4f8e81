using IntegrityTools.CouchDb.Duplicates;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>What the store says now about the documents that references name.</summary>
internal sealed class ReferenceTargets(ICouchSource source, IReadOnlyList<string> typeFields)
{
    // A document that was merged into one that was merged into another, and so on.
    private const int LongestChain = 16;

    private readonly Dictionary<string, IReadOnlyList<string>?> types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> survivors = new(StringComparer.Ordinal);

    /// <summary>Asks about these ids.</summary>
    public async Task<ReferenceTargets> ReadAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> wanted = [.. ids.Distinct(StringComparer.Ordinal)];
        for (var link = 0; wanted.Count > 0 && link < LongestChain; link++)
        {
            await foreach (var leaves in source.ReadLeavesAsync(wanted, cancellationToken))
            {
                types[leaves.Id] = leaves.Winner.Deleted ? null : TypesOf(leaves.Winner);
                if (DuplicateProposals.SurvivorOf(leaves.Winner) is { } survivor)
                {
                    survivors[leaves.Id] = survivor;
                }
            }

            wanted = [.. wanted.Select(id => survivors.GetValueOrDefault(id)).OfType<string>().Where(id => !types.ContainsKey(id)).Distinct(StringComparer.Ordinal)];
        }

        return this;
    }

    /// <summary>The document, there and with that type, into which a deleted one was merged as its duplicate; null when there is none.</summary>
    public string? Survivor(string id, string? type)
    {
        var at = survivors.GetValueOrDefault(id);
        for (var link = 0; at is not null && link < LongestChain; link++)
        {
            if (Has(at, type))
            {
                return at;
            }

            at = survivors.GetValueOrDefault(at);
        }

        return null;
    }

    /// <summary>True when the document is there with that type; null: any.</summary>
    public bool Has(string id, string? type) =>
        types.GetValueOrDefault(id) is { } found && (type is null || found.Contains(type, StringComparer.Ordinal));

    /// <summary>Why <see cref="Has"/> says no.</summary>
    public string WhyNot(string id) =>
        !types.TryGetValue(id, out var found) ? "there is no such document"
        : found is null ? (survivors.TryGetValue(id, out var survivor) ? $"it is deleted, merged into {survivor}" : "it is deleted")
        : found.Count == 0 ? "it has no type"
        : $"it is a {string.Join(", ", found)}";

    private IReadOnlyList<string> TypesOf(DocumentRevision document)
    {
        using var body = DeepDocument.ParseMost(document.Body.Utf8);
        return DocumentTypes.Of(body.RootElement, typeFields);
    }
}
