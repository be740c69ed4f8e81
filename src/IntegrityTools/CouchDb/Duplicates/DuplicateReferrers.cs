using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>
/// Which documents refer to some others, by the configured references, and which hold their ids where no reference is configured: found in one
/// pass over all bodies.
/// </summary>
internal sealed class DuplicateReferrers
{
    private readonly Dictionary<string, HashSet<string>> byTarget = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> mentions = new(StringComparer.Ordinal);

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
            // What is nested too deeply for its references to be read counts as holding the id elsewhere: a person decides.
            using var body = DeepDocument.ParseMost(document.Utf8);
            var held = IdsHeld.In(document.Utf8.Span, targets);
            foreach (var (_, _, target) in rewrite.Of(DocumentTypes.Of(body.RootElement, typeFields), body.RootElement).DistinctBy(item => item.Path.ToString(), StringComparer.Ordinal))
            {
                if (target != document.Id && targets.Contains(target))
                {
                    Note(found.byTarget, target, document.Id);
                    held[target]--;
                }
            }

            foreach (var target in held.Where(item => item.Value > 0 && item.Key != document.Id).Select(item => item.Key))
            {
                Note(found.mentions, target, document.Id);
            }
        }

        return found;
    }

    /// <summary>The documents that refer to one.</summary>
    public IReadOnlyCollection<string> Of(string id) => byTarget.GetValueOrDefault(id) ?? [];

    /// <summary>The documents that hold an id as a text or a name where no reference is configured: they may mean the document, and nothing would turn them.</summary>
    public IReadOnlyCollection<string> MentionsOf(string id) => mentions.GetValueOrDefault(id) ?? [];

    private static void Note(Dictionary<string, HashSet<string>> map, string target, string document)
    {
        if (!map.TryGetValue(target, out var documents))
        {
            map.Add(target, documents = new HashSet<string>(StringComparer.Ordinal));
        }

        documents.Add(document);
    }
}
