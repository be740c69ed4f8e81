using System.Text.Json;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>Which documents refer to some others, by the configured references: found in one pass over all bodies.</summary>
internal sealed class DuplicateReferrers
{
    private readonly Dictionary<string, HashSet<string>> byTarget = new(StringComparer.Ordinal);

    private DuplicateReferrers()
    {
    }

    /// <summary>Reads the whole store.</summary>
    /// <param name="source">The store.</param>
    /// <param name="rewrite">Knows the references.</param>
    /// <param name="typeFields">The fields that hold a document's type.</param>
    /// <param name="targets">The documents whose referrers are wanted.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<DuplicateReferrers> ReadAsync(
        ICouchSource source, ReferenceRewrite rewrite, IReadOnlyList<string> typeFields, HashSet<string> targets, CancellationToken cancellationToken)
    {
        var found = new DuplicateReferrers();
        await foreach (var document in source.ReadDocumentsAsync(new ScanStatistics(), cancellationToken))
        {
            using var body = JsonDocument.Parse(document.Utf8, JsonLimits.Document);
            foreach (var (_, _, target) in rewrite.Of(DocumentTypes.Of(body.RootElement, typeFields), body.RootElement))
            {
                if (target != document.Id && targets.Contains(target))
                {
                    if (!found.byTarget.TryGetValue(target, out var referrers))
                    {
                        found.byTarget.Add(target, referrers = new HashSet<string>(StringComparer.Ordinal));
                    }

                    referrers.Add(document.Id);
                }
            }
        }

        return found;
    }

    /// <summary>The documents that refer to one.</summary>
    public IReadOnlyCollection<string> Of(string id) => byTarget.GetValueOrDefault(id) ?? [];
}
