using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace IntegrityTools.CouchDb.Json;

/// <summary>
/// When two JSON values are the same: strings by their unescaped text, numbers by their bytes (1.0 is not 1), objects whatever
/// their key order. An object that names a key twice is one opaque thing, and so is what lies deeper than <see cref="MaximumDescent"/>.
/// </summary>
internal static class JsonEquality
{
    /// <summary>Values nested deeper are compared and merged as wholes, byte for byte, so that no document can exhaust the stack.</summary>
    public const int MaximumDescent = 200;

    /// <summary>Compares two values, both of which may be absent.</summary>
    public static bool Equal(JsonElement? left, JsonElement? right, int depth = 0) =>
        left is { } one && right is { } other ? Equal(one, other, depth) : left is null && right is null;

    /// <summary>Compares two values.</summary>
    public static bool Equal(JsonElement left, JsonElement right, int depth = 0)
    {
        var leftRaw = JsonMarshal.GetRawUtf8Value(left);
        var rightRaw = JsonMarshal.GetRawUtf8Value(right);
        if (leftRaw.SequenceEqual(rightRaw))
        {
            return true;
        }

        return left.ValueKind == right.ValueKind && depth < MaximumDescent && left.ValueKind switch
        {
            JsonValueKind.String => (leftRaw.Contains((byte)'\\') || rightRaw.Contains((byte)'\\')) && Text(leftRaw[1..^1]) == Text(rightRaw[1..^1]),
            JsonValueKind.Array => ArraysEqual(left, right, depth),
            JsonValueKind.Object => ObjectsEqual(left, right, depth),
            _ => false,
        };
    }

    /// <summary>The members of an object by unescaped name; null when a name stands twice, so that the object can only be taken as a whole.</summary>
    public static Dictionary<string, JsonProperty>? Members(JsonElement value)
    {
        var members = new Dictionary<string, JsonProperty>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            if (!members.TryAdd(Name(property), property))
            {
                return null;
            }
        }

        return members;
    }

    /// <summary>A member's name, unescaped.</summary>
    public static string Name(JsonProperty property) => Text(JsonMarshal.GetRawUtf8PropertyName(property));

    /// <summary>A string value, unescaped. Unlike <see cref="JsonElement.GetString"/> it takes lone surrogates, which CouchDB's clients do write.</summary>
    public static string Text(JsonElement value) => Text(JsonMarshal.GetRawUtf8Value(value)[1..^1]);

    /// <summary>Unescapes what stands between the quotes of a JSON string. Bytes that are no UTF-8 become one character each, so that no two differ alike.</summary>
    public static string Text(ReadOnlySpan<byte> escaped)
    {
        if (!Utf8.IsValid(escaped))
        {
            return "\uFFFF" + Encoding.Latin1.GetString(escaped);
        }

        if (!escaped.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(escaped);
        }

        var raw = Encoding.UTF8.GetString(escaped);
        var text = new StringBuilder(raw.Length);
        for (var index = 0; index < raw.Length; index++)
        {
            if (raw[index] != '\\')
            {
                text.Append(raw[index]);
                continue;
            }

            var code = raw[++index];
            text.Append(code switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)ushort.Parse(raw.AsSpan(index + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                _ => code,
            });
            index += code == 'u' ? 4 : 0;
        }

        return text.ToString();
    }

    /// <summary>
    /// True when a member of the same bytes for a name, at the same place, has another value: the usual way in which two versions of a document
    /// differ, told without a table of members.
    /// </summary>
    private static bool DifferInPlace(JsonElement left, JsonElement right, int depth)
    {
        var others = right.EnumerateObject();
        foreach (var property in left.EnumerateObject())
        {
            others.MoveNext();
            if (!JsonMarshal.GetRawUtf8PropertyName(property).SequenceEqual(JsonMarshal.GetRawUtf8PropertyName(others.Current)))
            {
                return false;
            }

            if (!Equal(property.Value, others.Current.Value, depth + 1))
            {
                return true;
            }
        }

        return false;
    }

    private static bool ArraysEqual(JsonElement left, JsonElement right, int depth)
    {
        if (left.GetArrayLength() != right.GetArrayLength())
        {
            return false;
        }

        var others = right.EnumerateArray();
        foreach (var item in left.EnumerateArray())
        {
            others.MoveNext();
            if (!Equal(item, others.Current, depth + 1))
            {
                return false;
            }
        }

        return true;
    }

    private static bool ObjectsEqual(JsonElement left, JsonElement right, int depth)
    {
        if (left.GetPropertyCount() != right.GetPropertyCount() || DifferInPlace(left, right, depth)
            || Members(left) is not { } members || Members(right) is not { } others)
        {
            return false;
        }

        foreach (var (name, property) in members)
        {
            if (!others.TryGetValue(name, out var other) || !Equal(property.Value, other.Value, depth + 1))
            {
                return false;
            }
        }

        return true;
    }
}
