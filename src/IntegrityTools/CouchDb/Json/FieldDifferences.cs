using System.Runtime.InteropServices;
using System.Text.Json;

namespace IntegrityTools.CouchDb.Json;

/// <summary>
/// What tells two documents apart, path by path: recursively into objects, and into arrays of equal length. An array that grew or shrank
/// is one difference. CouchDB's own members of the document (<c>_rev</c> and so on) are no difference.
/// </summary>
internal static class FieldDifferences
{
    /// <summary>The differences between two documents: the first one's members in its order, then what only the second has.</summary>
    public static IEnumerable<FieldDifference> Between(JsonElement old, JsonElement @new)
    {
        var differences = new List<FieldDifference>();
        Collect(old, @new, FieldPath.Root, differences);
        return differences;
    }

    private static void Collect(JsonElement old, JsonElement @new, FieldPath path, List<FieldDifference> found)
    {
        var descend = path.Depth < JsonEquality.MaximumDescent && old.ValueKind == @new.ValueKind;
        if (descend && old.ValueKind == JsonValueKind.Object && MemberPairs.TryPair(old, @new, out var pairs))
        {
            foreach (var (one, other) in pairs)
            {
                if (!JsonMarshal.GetRawUtf8Value(one.Value).SequenceEqual(JsonMarshal.GetRawUtf8Value(other)) && JsonEquality.Name(one) is var name
                    && !(path.Depth == 0 && CouchMembers.IsReserved(name)))
                {
                    Collect(one.Value, other, path.Member(name), found);
                }
            }
        }
        else if (descend && old.ValueKind == JsonValueKind.Object
            && JsonEquality.Members(old) is { } before && JsonEquality.Members(@new) is { } after)
        {
            CollectMembers(before, after, path, found);
        }
        else if (descend && old.ValueKind == JsonValueKind.Array && old.GetArrayLength() == @new.GetArrayLength())
        {
            var index = 0;
            foreach (var (one, other) in old.EnumerateArray().Zip(@new.EnumerateArray()))
            {
                Collect(one, other, path.Element(index++), found);
            }
        }
        else if (path.Depth == 0 ? !SameMembers(old, @new) : !JsonEquality.Equal(old, @new, path.Depth))
        {
            found.Add(new FieldDifference(path, old, @new));
        }
    }

    // A document that names a key twice is compared member by member in its order, since its _rev always differs.
    private static bool SameMembers(JsonElement old, JsonElement @new) =>
        old.ValueKind == JsonValueKind.Object && @new.ValueKind == JsonValueKind.Object
            ? Own(old).SequenceEqual(Own(@new), PropertyComparer.Instance)
            : JsonEquality.Equal(old, @new);

    private static IEnumerable<JsonProperty> Own(JsonElement document) =>
        document.EnumerateObject().Where(property => !CouchMembers.IsReserved(JsonEquality.Name(property)));

    private static void CollectMembers(
        Dictionary<string, JsonProperty> before, Dictionary<string, JsonProperty> after, FieldPath path, List<FieldDifference> found)
    {
        foreach (var (name, property) in before)
        {
            if (path.Depth == 0 && CouchMembers.IsReserved(name))
            {
                continue;
            }

            if (after.TryGetValue(name, out var other))
            {
                Collect(property.Value, other.Value, path.Member(name), found);
            }
            else
            {
                found.Add(new FieldDifference(path.Member(name), property.Value, null));
            }
        }

        foreach (var (name, property) in after)
        {
            if (!before.ContainsKey(name) && !(path.Depth == 0 && CouchMembers.IsReserved(name)))
            {
                found.Add(new FieldDifference(path.Member(name), null, property.Value));
            }
        }
    }

    private sealed class PropertyComparer : IEqualityComparer<JsonProperty>
    {
        public static readonly PropertyComparer Instance = new();

        public bool Equals(JsonProperty x, JsonProperty y) =>
            JsonEquality.Name(x) == JsonEquality.Name(y) && JsonEquality.Equal(x.Value, y.Value, 1);

        public int GetHashCode(JsonProperty obj) => JsonEquality.Name(obj).GetHashCode(StringComparison.Ordinal);
    }
}
