using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>Merges arrays that both sides changed: as sets, or as lists of objects with a key.</summary>
internal static class ArrayMerge
{
    private const string DefaultKey = "id";
    private const string Whole = "value";

    /// <summary>The merged array; null when its elements cannot be told apart, or when both sides changed the order.</summary>
    public static Piece? TryMerge(DocumentMerge merge, Trio at, MergeRule? rule)
    {
        var union = rule?.Kind == MergeRuleKind.Union;
        var key = rule?.Kind == MergeRuleKind.KeyedList ? rule.Key ?? DefaultKey : null;
        if (rule is null && !at.Tells)
        {
            return null;
        }

        var left = Index(at.Left!.Value, key, union);
        var right = Index(at.Right!.Value, key, union);
        var origin = at.Base is { ValueKind: JsonValueKind.Array } value ? Index(value, key, union) : [];
        if (left is null || right is null || origin is null)
        {
            return null;
        }

        var kept = origin.Keys.Where(name => left.ContainsKey(name) && right.ContainsKey(name)).ToHashSet(StringComparer.Ordinal);
        var leftOrder = left.Keys.Where(kept.Contains).ToList();
        var rightOrder = right.Keys.Where(kept.Contains).ToList();
        var before = origin.Keys.Where(kept.Contains);
        var moved = !leftOrder.SequenceEqual(rightOrder) && !rightOrder.SequenceEqual(before);
        if (moved && !union && !leftOrder.SequenceEqual(before))
        {
            return null;
        }

        var (first, second) = moved && !union ? (right, left) : (left, right);
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var name in first.Keys.Concat(second.Keys.Where(name => !first.ContainsKey(name))))
        {
            var element = at.At(at.Path.Element(key ?? Whole, name), Of(origin, name), Of(left, name), Of(right, name));
            var piece = key is null && element is { Left: not null, Right: not null } ? Piece.Of(element.Left) : merge.Value(element);
            if (piece.Present)
            {
                buffer.Write(buffer.WrittenCount == 0 ? "["u8 : ","u8);
                buffer.Write(piece.Raw);
            }
        }

        buffer.Write(buffer.WrittenCount == 0 ? "[]"u8 : "]"u8);
        return Piece.Of(buffer.WrittenMemory);
    }

    /// <summary>The element that a path's step <c>key=value</c> means, in a set itself the value; null when there is none.</summary>
    public static JsonElement? Find(JsonElement array, string step)
    {
        var end = Math.Max(0, step.IndexOf('=', StringComparison.Ordinal));
        var (key, value) = (step[..end], step[Math.Min(step.Length, end + 1)..]);
        foreach (var element in array.EnumerateArray())
        {
            if (KeyOf(element, key) == value || (key == Whole && Name(element, 0) == value))
            {
                return element;
            }
        }

        return null;
    }

    private static JsonElement? Of(OrderedDictionary<string, JsonElement> elements, string name) =>
        elements.TryGetValue(name, out var value) ? value : null;

    // Null when two elements have one name, or when one has none: then the array is not what the merge takes it for.
    private static OrderedDictionary<string, JsonElement>? Index(JsonElement array, string? key, bool union)
    {
        var elements = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var element in array.EnumerateArray())
        {
            var name = key is null ? (union || IsScalar(element) ? Name(element, 0) : null) : KeyOf(element, key);
            if (name is null || (!elements.TryAdd(name, element) && !union))
            {
                return null;
            }
        }

        return elements;
    }

    private static string? KeyOf(JsonElement element, string key) =>
        element.ValueKind == JsonValueKind.Object && JsonEquality.Members(element) is { } members
        && members.TryGetValue(key, out var property) && IsScalar(property.Value)
            ? Name(property.Value, 0)
            : null;

    private static bool IsScalar(JsonElement value) => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);

    // One text for all values that JsonEquality takes for the same.
    private static string Name(JsonElement value, int depth)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return Quote(JsonEquality.Text(value));
        }

        if (depth < JsonEquality.MaximumDescent && value.ValueKind == JsonValueKind.Array)
        {
            return $"[{string.Join(',', value.EnumerateArray().Select(item => Name(item, depth + 1)))}]";
        }

        if (depth < JsonEquality.MaximumDescent && value.ValueKind == JsonValueKind.Object && JsonEquality.Members(value) is { } members)
        {
            var parts = members.OrderBy(member => member.Key, StringComparer.Ordinal)
                .Select(member => $"{Quote(member.Key)}:{Name(member.Value.Value, depth + 1)}");
            return $"{{{string.Join(',', parts)}}}";
        }

        return Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(value));
    }

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
