using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>Works out which fields an index for a Mango query would have: those compared for equality, then those of the order, then those of ranges.</summary>
internal static class QueryFields
{
    /// <summary>The index, as <c>_index</c> takes it; null when the query names no field that an index could serve.</summary>
    public static RawJson? IndexFor(RawJson query)
    {
        using var document = query.Parse();
        var equal = new List<string>();
        var ranges = new List<string>();
        if (document.RootElement.TryGetProperty("selector", out var selector) && selector.ValueKind == JsonValueKind.Object)
        {
            Collect(selector, equal, ranges);
        }

        var sort = document.RootElement.TryGetProperty("sort", out var order) && order.ValueKind == JsonValueKind.Array
            ? order.EnumerateArray().Select(SortField).OfType<string>()
            : [];
        var fields = equal.Except(sort).Concat(sort).Concat(ranges).Distinct(StringComparer.Ordinal).ToArray();
        return fields.Length == 0 ? null
            : RawJson.FromText($"{{\"index\":{{\"fields\":[{string.Join(',', fields.Select(field => $"\"{JsonEncodedText.Encode(field)}\""))}]}}}}");
    }

    private static void Collect(JsonElement selector, List<string> equal, List<string> ranges)
    {
        foreach (var member in selector.EnumerateObject())
        {
            if (member.Name == "$and" && member.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (var part in member.Value.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.Object))
                {
                    Collect(part, equal, ranges);
                }
            }
            else if (!member.Name.StartsWith('$'))
            {
                var operators = member.Value.ValueKind == JsonValueKind.Object ? member.Value.EnumerateObject().Select(item => item.Name).ToList() : ["$eq"];
                if (operators.Contains("$eq"))
                {
                    equal.Add(member.Name);
                }
                else if (operators.Exists(name => name is "$gt" or "$gte" or "$lt" or "$lte" or "$exists"))
                {
                    ranges.Add(member.Name);
                }
            }
        }
    }

    private static string? SortField(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.String => item.GetString(),
        JsonValueKind.Object => item.EnumerateObject().Select(member => member.Name).FirstOrDefault(),
        _ => null,
    };
}
