using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Json;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>
/// Merges objects in which a name stands twice, which dumps may hold. All that stands under such a name is one thing: it is taken as it
/// stands from the side that changed it, and left to a person where both did. Other members merge as in any object.
/// </summary>
internal static class RepeatedMembers
{
    /// <summary>The merged object.</summary>
    public static Piece Merge(DocumentMerge merge, Trio at)
    {
        var (origin, left, right) = (Group(at.Base), Group(at.Left), Group(at.Right));
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write("{"u8);
        var first = true;
        foreach (var name in left.Keys.Union(right.Keys, StringComparer.Ordinal))
        {
            var (was, mine, theirs) = (Of(origin, name), Of(left, name), Of(right, name));
            var path = at.Path.Member(name);
            if (was.Count <= 1 && mine.Count <= 1 && theirs.Count <= 1)
            {
                var piece = merge.Value(at.At(path, Value(was), Value(mine), Value(theirs)));
                if (piece.Present)
                {
                    DocumentFields.WriteMember(buffer, (mine.Count > 0 ? mine : theirs)[0], piece.Raw, ref first);
                }

                continue;
            }

            bool Untouched(List<JsonProperty> side, IReadOnlyList<MergeVersion> forks) =>
                (at.Known ? Same(was, side, path.Depth) : side.Count == 0)
                && forks.All(fork => Same(Of(Group(InnerForks.Find(fork.Body, at.Path)), name), side, path.Depth));

            var taken = Same(mine, theirs, path.Depth) || Untouched(theirs, merge.RightForks) ? mine : Untouched(mine, merge.LeftForks) ? theirs : null;
            if (taken is null)
            {
                merge.Undecide(path, null);
            }

            foreach (var property in taken ?? mine)
            {
                DocumentFields.WriteMember(buffer, property, JsonMarshal.GetRawUtf8Value(property.Value), ref first);
            }
        }

        buffer.Write("}"u8);
        return Piece.Of(buffer.WrittenMemory);
    }

    private static bool Same(List<JsonProperty> one, List<JsonProperty> other, int depth) =>
        one.Count == other.Count && one.Zip(other).All(pair => JsonEquality.Equal(pair.First.Value, pair.Second.Value, depth));

    private static OrderedDictionary<string, List<JsonProperty>> Group(JsonElement? value)
    {
        var groups = new OrderedDictionary<string, List<JsonProperty>>(StringComparer.Ordinal);
        if (value is { ValueKind: JsonValueKind.Object } present)
        {
            foreach (var property in present.EnumerateObject())
            {
                var name = JsonEquality.Name(property);
                if (!groups.TryGetValue(name, out var group))
                {
                    groups.Add(name, group = []);
                }

                group.Add(property);
            }
        }

        return groups;
    }

    private static List<JsonProperty> Of(OrderedDictionary<string, List<JsonProperty>> groups, string name) =>
        groups.TryGetValue(name, out var group) ? group : [];

    private static JsonElement? Value(List<JsonProperty> group) => group.Count == 0 ? null : group[0].Value;
}
