using System.Text.Json;
using IntegrityTools.CouchDb.Json;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>Equality as JSON Schema has it: 1 is 1.0, and the order of an object's members does not matter.</summary>
internal sealed class JsonValueComparer : IEqualityComparer<JsonElement>
{
    public static JsonValueComparer Instance { get; } = new();

    public bool Equals(JsonElement x, JsonElement y)
    {
        if (x.ValueKind != y.ValueKind)
        {
            return false;
        }

        switch (x.ValueKind)
        {
            case JsonValueKind.Number:
                return JsonNumber.Of(x).Equals(JsonNumber.Of(y));
            case JsonValueKind.String:
                return JsonEquality.Text(x) == JsonEquality.Text(y);
            case JsonValueKind.Array:
                return x.GetArrayLength() == y.GetArrayLength() && x.EnumerateArray().SequenceEqual(y.EnumerateArray(), this);
            case JsonValueKind.Object:
                var one = Members(x);
                var other = Members(y);
                return one.Count == other.Count && one.All(member => other.TryGetValue(member.Key, out var value) && Equals(member.Value, value));
            default:
                return true;
        }
    }

    public int GetHashCode(JsonElement obj)
    {
        var hash = (int)obj.ValueKind;
        switch (obj.ValueKind)
        {
            case JsonValueKind.Number:
                return HashCode.Combine(hash, JsonNumber.Of(obj));
            case JsonValueKind.String:
                return HashCode.Combine(hash, JsonEquality.Text(obj));
            case JsonValueKind.Array:
                return obj.EnumerateArray().Aggregate(hash, (sum, item) => HashCode.Combine(sum, GetHashCode(item)));
            case JsonValueKind.Object:
                return Members(obj).Aggregate(hash, (sum, member) => unchecked(sum + HashCode.Combine(member.Key, GetHashCode(member.Value))));
            default:
                return hash;
        }
    }

    private static Dictionary<string, JsonElement> Members(JsonElement value)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            members[JsonEquality.Name(member)] = member.Value;
        }

        return members;
    }
}
