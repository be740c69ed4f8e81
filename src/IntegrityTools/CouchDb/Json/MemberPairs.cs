using System.Runtime.InteropServices;
using System.Text.Json;

namespace IntegrityTools.CouchDb.Json;

/// <summary>
/// Pairs the members of two objects that name the same members in the same order, as versions of one document nearly always do: without
/// a table of names, and without a string for a name that nobody asks for.
/// </summary>
internal static class MemberPairs
{
    // Names are told apart pair by pair, which pays for small objects only.
    private const int MostMembers = 32;

    /// <summary>Pairs them; false when the names differ, repeat, are escaped or are many.</summary>
    public static bool TryPair(JsonElement left, JsonElement right, out List<KeyValuePair<JsonProperty, JsonElement>> pairs)
    {
        pairs = [];
        var count = left.GetPropertyCount();
        if (count != right.GetPropertyCount() || count > MostMembers)
        {
            return false;
        }

        Span<ulong> marks = stackalloc ulong[MostMembers];
        var others = right.EnumerateObject();
        foreach (var property in left.EnumerateObject())
        {
            others.MoveNext();
            var name = JsonMarshal.GetRawUtf8PropertyName(property);
            if (!name.SequenceEqual(JsonMarshal.GetRawUtf8PropertyName(others.Current)) || name.Contains((byte)'\\') || Repeats(pairs, name, marks))
            {
                return false;
            }

            pairs.Add(new(property, others.Current.Value));
        }

        return true;
    }

    /// <summary>Pairs the members of two objects and of a third, their ancestor; false as with two, or when the third one's names are others.</summary>
    public static bool TryPair(JsonElement left, JsonElement right, JsonElement origin, out List<MemberTrio> trios)
    {
        trios = [];
        if (origin.ValueKind != JsonValueKind.Object || !TryPair(left, right, out var pairs) || origin.GetPropertyCount() != pairs.Count)
        {
            return false;
        }

        var index = 0;
        foreach (var before in origin.EnumerateObject())
        {
            var (name, other) = pairs[index++];
            if (!JsonMarshal.GetRawUtf8PropertyName(name).SequenceEqual(JsonMarshal.GetRawUtf8PropertyName(before)))
            {
                return false;
            }

            trios.Add(new MemberTrio(name, before.Value, name.Value, other));
        }

        return true;
    }

    /// <summary>True when a pair has that name already; otherwise its mark is noted.</summary>
    private static bool Repeats(List<KeyValuePair<JsonProperty, JsonElement>> pairs, ReadOnlySpan<byte> name, Span<ulong> marks)
    {
        var mark = Mark(name);
        for (var index = 0; index < pairs.Count; index++)
        {
            if (marks[index] == mark && JsonMarshal.GetRawUtf8PropertyName(pairs[index].Key).SequenceEqual(name))
            {
                return true;
            }
        }

        marks[pairs.Count] = mark;
        return false;
    }

    /// <summary>A name's length and its last bytes: equal names have equal marks.</summary>
    private static ulong Mark(ReadOnlySpan<byte> name)
    {
        var mark = (ulong)name.Length;
        foreach (var value in name[Math.Max(0, name.Length - 7)..])
        {
            mark = (mark << 8) | value;
        }

        return mark;
    }
}
