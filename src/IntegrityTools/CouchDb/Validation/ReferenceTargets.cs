using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>What the store says now about the documents that references name.</summary>
internal sealed class ReferenceTargets(ICouchSource source, IReadOnlyList<string> typeFields)
{
    private readonly Dictionary<string, IReadOnlyList<string>?> types = new(StringComparer.Ordinal);

    /// <summary>Asks about these ids.</summary>
    public async Task<ReferenceTargets> ReadAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        await foreach (var leaves in source.ReadLeavesAsync([.. ids.Distinct(StringComparer.Ordinal)], cancellationToken))
        {
            types[leaves.Id] = leaves.Winner.Deleted ? null : TypesOf(leaves.Winner);
        }

        return this;
    }

    /// <summary>True when the document is there with that type; null: any.</summary>
    public bool Has(string id, string? type) =>
        types.GetValueOrDefault(id) is { } found && (type is null || found.Contains(type, StringComparer.Ordinal));

    /// <summary>Why <see cref="Has"/> says no.</summary>
    public string WhyNot(string id) =>
        !types.TryGetValue(id, out var found) ? "there is no such document"
        : found is null ? "it is deleted"
        : found.Count == 0 ? "it has no type"
        : $"it is a {string.Join(", ", found)}";

    private IReadOnlyList<string> TypesOf(DocumentRevision document)
    {
        using var body = document.Body.Parse();
        return DocumentTypes.Of(body.RootElement, typeFields);
    }
}
