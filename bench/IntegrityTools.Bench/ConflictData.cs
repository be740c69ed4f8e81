using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace IntegrityTools.Bench;

/// <summary>
/// A database with conflicts, the same for the same arguments: documents of some 330 bytes, of which some have been edited by two
/// to five replicas that were out of touch. Each replica stamps dateModified and deviceId, as real ones do, and edits a field of its
/// own, so that every conflict can be resolved by a three-way merge.
/// </summary>
/// <param name="documents">How many documents.</param>
/// <param name="conflicts">How many of them are in conflict; spread evenly.</param>
/// <param name="seed">Another seed, another database.</param>
public sealed class ConflictData(int documents, int conflicts, int seed = 1)
{
    private const int MaximumAncestors = 3;
    private const int MaximumLeaves = 5;
    private static readonly string[] Fields = ["description", "status", "priority", "assignee", "location"];
    private static readonly DateTime Epoch = new(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>How many documents there are.</summary>
    public int Documents => documents;

    /// <summary>A name that tells this data from any other, fit for a database.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"bench-v1-{documents}-{conflicts}-{seed}");

    /// <summary>A document's id.</summary>
    public static string Id(int index) => string.Create(CultureInfo.InvariantCulture, $"task-{index:D8}");

    /// <summary>The numbers of the documents in conflict, ascending.</summary>
    public IEnumerable<int> Conflicted() => Enumerable.Range(0, conflicts).Select(number => (int)((long)number * documents / conflicts));

    /// <summary>
    /// Every revision as a JSON object with _revisions, for <c>_bulk_docs</c> with <c>new_edits:false</c>, in waves: within a wave
    /// no document occurs twice, and ancestors come before what was made from them, so that their bodies stay readable.
    /// </summary>
    public IEnumerable<IEnumerable<byte[]>> Waves()
    {
        var inConflict = Conflicted().ToHashSet();
        yield return Enumerable.Range(0, documents).Select(index => Body(index, 1, leaf: null));
        for (var generation = 2; generation <= MaximumAncestors; generation++)
        {
            var wave = generation;
            yield return inConflict.Where(index => Ancestors(index) >= wave).Order().Select(index => Body(index, wave, leaf: null));
        }

        for (var leaf = 0; leaf < MaximumLeaves; leaf++)
        {
            var wave = leaf;
            yield return inConflict.Where(index => LeafCount(index) > wave).Order()
                .Select(index => Body(index, Ancestors(index) + 1, wave));
        }
    }

    /// <summary>The leaf revisions of a document in conflict, the winner first.</summary>
    public IReadOnlyList<string> Leaves(int index)
    {
        var generation = Ancestors(index) + 1;
        return [.. Enumerable.Range(0, LeafCount(index)).Select(leaf => Hash(index, generation, leaf))
            .OrderDescending(StringComparer.Ordinal).Select(hash => Revision(generation, hash))];
    }

    /// <summary>The document as a merge of all leaves leaves it, as an edit of the winner.</summary>
    public byte[] Merged(int index) => Write(index, Ancestors(index), Enumerable.Range(0, LeafCount(index)), Leaves(index)[0], revisions: null);

    /// <summary>Deletions of the leaves that lost.</summary>
    public IEnumerable<byte[]> Tombstones(int index) => Leaves(index).Skip(1).Select(revision =>
        Encoding.UTF8.GetBytes($$"""{"_id":"{{Id(index)}}","_rev":"{{revision}}","_deleted":true}"""));

    private static string Revision(int generation, string hash) => string.Create(CultureInfo.InvariantCulture, $"{generation}-{hash}");

    private int Ancestors(int index) => 1 + (Noise(index, 1) % MaximumAncestors);

    private int LeafCount(int index) => 2 + (Noise(index, 2) % (MaximumLeaves - 1));

    // A hash instead of one random sequence: any part can be made again without making what stands before it.
    private int Noise(int index, int salt) => (int)(((uint)HashCode(index, salt) >> 1) & int.MaxValue);

    private int HashCode(int index, int salt)
    {
        unchecked
        {
            var value = ((ulong)(uint)seed << 40) ^ ((ulong)(uint)index << 8) ^ (uint)salt;
            value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9UL;
            value = (value ^ (value >> 27)) * 0x94d049bb133111ebUL;
            return (int)(value ^ (value >> 31));
        }
    }

    private string Hash(int index, int generation, int? leaf) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{seed}/{index}/{generation}/{leaf}"))).AsSpan(0, 16));

    private byte[] Body(int index, int generation, int? leaf)
    {
        var ancestors = leaf is null ? generation : generation - 1;
        var hashes = Enumerable.Range(1, ancestors).Reverse().Select(ancestor => Hash(index, ancestor, leaf: null));
        return leaf is { } one
            ? Write(index, ancestors, [one], revision: null, [Hash(index, generation, leaf), .. hashes])
            : Write(index, ancestors, [], revision: null, [.. hashes]);
    }

    private byte[] Write(int index, int ancestors, IEnumerable<int> edits, string? revision, IReadOnlyList<string>? revisions)
    {
        var buffer = new ArrayBufferWriter<byte>(640);
        using var writer = new Utf8JsonWriter(buffer);
        var leaves = edits.ToHashSet();
        var newest = leaves.Count == 0 ? -1 : leaves.Max(leaf => leaf);
        var minutes = (index % 40000) + (ancestors * 60) + ((newest + 1) * 7);
        writer.WriteStartObject();
        writer.WriteString("_id", Id(index));
        if (revision is not null)
        {
            writer.WriteString("_rev", revision);
        }

        if (revisions is not null)
        {
            writer.WriteStartObject("_revisions");
            writer.WriteNumber("start", revisions.Count);
            writer.WriteStartArray("ids");
            foreach (var hash in revisions)
            {
                writer.WriteStringValue(hash);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteString("@type", Noise(index, 3) % 3 == 0 ? "Activity" : "Task");
        writer.WriteString("name", $"Task number {index.ToString(CultureInfo.InvariantCulture)} of the ward round");
        foreach (var (number, field) in Fields.Index())
        {
            WriteField(writer, index, ancestors, field, leaves.Contains(number) ? number : null);
        }

        writer.WriteStartArray("keywords");
        writer.WriteStringValue("keyword-" + (Noise(index, 4) % 50).ToString(CultureInfo.InvariantCulture));
        writer.WriteStringValue("keyword-" + (Noise(index, 5) % 50).ToString(CultureInfo.InvariantCulture));
        writer.WriteEndArray();
        writer.WriteString("dateCreated", Stamp(index % 40000));
        writer.WriteString("dateModified", Stamp(minutes));
        writer.WriteString("deviceId", $"device-{(newest < 0 ? ancestors : 10 + newest).ToString(CultureInfo.InvariantCulture)}");
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private void WriteField(Utf8JsonWriter writer, int index, int ancestors, string field, int? leaf)
    {
        var edit = leaf is null ? ancestors : 10 + leaf.Value;
        switch (field)
        {
            case "priority":
                writer.WriteNumber(field, leaf is null ? ancestors : 10 + (Noise(index, 6) % 90));
                break;
            case "description":
                writer.WriteString(field, string.Create(CultureInfo.InvariantCulture, $"Text {Noise(index, edit):x8}, edit {edit}"));
                break;
            default:
                writer.WriteString(field, string.Create(CultureInfo.InvariantCulture, $"{field}-{(Noise(index, edit + field.Length) % 97) + (edit * 100)}"));
                break;
        }
    }

    private static string Stamp(int minutes) => Epoch.AddMinutes(minutes).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
