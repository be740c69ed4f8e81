using System.Text;
using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Repair;

/// <summary>What a reader of a store can see of a document: its live bodies, its winner, its attachments' bytes; no revisions.</summary>
internal static class StoreState
{
    public static async Task<SortedDictionary<string, string>> ReadAsync(ICouchSource source, IReadOnlyList<string> ids)
    {
        var state = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await foreach (var leaves in source.ReadLeavesAsync(ids, default))
        {
            var bodies = new List<string>();
            foreach (var leaf in leaves.Live)
            {
                bodies.Add(await TextAsync(source, leaf));
            }

            var winner = leaves.Winner.Deleted ? "deleted" : await TextAsync(source, leaves.Winner);
            state[leaves.Id] = $"winner {winner}\n{string.Join('\n', bodies.Order(StringComparer.Ordinal))}";
        }

        return state;
    }

    private static async Task<string> TextAsync(ICouchSource source, DocumentRevision leaf)
    {
        var whole = leaf.Attachments.Count == 0 ? leaf : (await source.ReadWithAttachmentsAsync(new RevisionRequest(leaf.Id, leaf.Revision), default))!;
        using var body = whole.Body.Parse();
        var canonical = new System.Buffers.ArrayBufferWriter<byte>();
        CanonicalJson.Write(body.RootElement, canonical, CouchMembers.Reserved);
        return Encoding.UTF8.GetString(canonical.WrittenSpan) + " " + AttachmentText.AsNew(DocumentText.AttachmentsOf(whole.Body));
    }
}
