using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.CouchDb.Validation;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>
/// Finds documents with a key in common. The pass keeps a hash a key, which tells those that came more than once; only their documents are
/// read again, and compared by the keys themselves.
/// </summary>
internal sealed class DuplicateCheck(ICouchSource source, ValidationSettings settings, IReadOnlyList<string> typeFields) : IDisposable
{
    /// <summary>The most documents of one group that are listed.</summary>
    public const int MostMembers = 1000;

    private const int SuspectsAtOnce = 50_000;
    private const int ReadAtOnce = 100;
    private readonly IdentityKeys keys = new(settings);
    private readonly RepeatedKeys repeated = new();
    private readonly KeyedIds ids = new();

    /// <summary>Notes a document's keys.</summary>
    public void Add(string id, IReadOnlyList<string> types, JsonElement document)
    {
        foreach (var (_, key) in keys.Of(types, document))
        {
            var hash = KeyedHash.Of(key);
            repeated.Add(hash);
            ids.Add(hash, id);
        }
    }

    /// <summary>The groups, each told once however many rules find it; to be asked once, after the pass.</summary>
    public async IAsyncEnumerable<DuplicateGroup> GroupsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // So many suspects that they would not fit into memory are looked at a part of the keys at a time.
        var parts = (ulong)(repeated.Suspects / SuspectsAtOnce) + 1;
        for (ulong part = 0; repeated.Suspects > 0 && part < parts; part++)
        {
            var suspects = new Dictionary<ulong, FirstIds>();
            foreach (var (hash, id) in ids.Read().Where(item => item.Hash % parts == part && repeated.IsRepeated(item.Hash)))
            {
                if (!suspects.TryGetValue(hash, out var list))
                {
                    suspects.Add(hash, list = new FirstIds(MostMembers));
                }

                list.Add(id);
            }

            foreach (var batch in Batches(suspects))
            {
                foreach (var group in await ConfirmAsync(batch, cancellationToken))
                {
                    yield return group;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => ids.Dispose();

    /// <summary>Lists of ids that are read in one go; of a very large group only the first members.</summary>
    private static IEnumerable<List<KeyValuePair<ulong, FirstIds>>> Batches(Dictionary<ulong, FirstIds> suspects)
    {
        var batch = new List<KeyValuePair<ulong, FirstIds>>();
        var count = 0;
        foreach (var pair in suspects)
        {
            batch.Add(pair);
            count += pair.Value.Ids.Count;
            if (count >= ReadAtOnce)
            {
                yield return batch;
                (batch, count) = ([], 0);
            }
        }

        yield return batch;
    }

    private async Task<List<DuplicateGroup>> ConfirmAsync(List<KeyValuePair<ulong, FirstIds>> batch, CancellationToken cancellationToken)
    {
        var sets = new Dictionary<string, LeafSet>(StringComparer.Ordinal);
        var wanted = batch.SelectMany(pair => pair.Value.Ids).Distinct(StringComparer.Ordinal);
        await foreach (var set in source.ReadLeavesAsync([.. wanted], cancellationToken))
        {
            sets[set.Id] = set;
        }

        var groups = new List<DuplicateGroup>();
        foreach (var (hash, list) in batch)
        {
            var documents = list.Ids
                .Select(id => sets.GetValueOrDefault(id)).OfType<LeafSet>().Where(set => !set.Winner.Deleted).Select(Read).ToList();
            groups.AddRange(
                from same in documents.SelectMany(document => document.Keys.Select(key => (key.Rule, key.Key, Document: document))).GroupBy(item => (item.Rule, item.Key))
                let members = same.Select(item => item.Document).ToList()
                where members.Count > 1 && KeyedHash.Of(same.Key.Key) == hash && IsFirst(same.Key.Rule, members)
                select new DuplicateGroup(
                    settings.Identities[same.Key.Rule], same.Key.Key, members[0].Types, [.. members.Select(member => member.Set)],
                    list.Count > MostMembers ? list.Count : members.Count));
        }

        return groups;
    }

    private Member Read(LeafSet set)
    {
        using var body = set.Winner.Body.Parse();
        var types = DocumentTypes.Of(body.RootElement, typeFields);
        return new Member(set, types, [.. keys.Of(types, body.RootElement)]);
    }

    /// <summary>False when a rule that stands before this one finds the same group.</summary>
    private static bool IsFirst(int rule, List<Member> members) => !members[0].Keys.Any(
        key => key.Rule < rule && members.TrueForAll(member => member.Keys.Contains(key)));

    private sealed record Member(LeafSet Set, IReadOnlyList<string> Types, List<(int Rule, string Key)> Keys);
}
